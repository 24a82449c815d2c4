"""Calls that a client may make, at random, and at others' expense if it can."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

from tenants import Request, Tenant

# Few, so that clients and calls collide.
REQUEST_IDS = [str(uuid.UUID(int=number)) for number in range(1, 7)]
NOBODY = str(uuid.UUID(int=0xDEAD))
FIELDS = {
    "entry_id": "BroadcastService.ListEntries",
    "channel_pair_id": "ChannelService.ListChannelPairs",
    "channel_id": "ChannelService.ListChannels",
    "client_id": "ClientService.ListClients",
}
FILTERS = [
    "",
    "",
    'create_time > "2020-01-01T00:00:00Z"',
    "client_id = {client}",
    "client_id != {client}",
    "{field} = {id}",
    "{field} != {id}",
    'open_address = "@of_all_clients_1"',
    "state = PAUSED",
    'labels.team = "a"',
    "configured = false",
    "platform = TELEGRAM",
    "nothing = 1",
]


class RandomCalls:
    """What `tenant` calls next, while `other` calls too."""

    def __init__(
        self, dice: random.Random, tenant: Tenant, other: Tenant
    ) -> None:
        """Only remember who they are."""
        self.dice = dice
        self.tenant = tenant
        self.other = other
        self.kinds: list[tuple[int, Callable[[], tuple[str, Request]]]] = [
            (10, self.create_entry),
            (2, self.create_batch),
            (4, self.create_pair),
            (2, self.create_client),
            (8, self.get),
            (4, self.get_by_addresses),
            (12, self.list),
            (8, self.next_page),
            (5, self.update_entry),
            (4, self.update_channel),
            (4, self.update_client),
            (8, self.switch),
            (8, self.delete),
            (2, self.backfill),
            (2, self.check),
        ]

    def next(self) -> tuple[str, Request]:
        """Return a method and a request for the shared server."""
        weights = [weight for weight, _ in self.kinds]
        kinds = [kind for _, kind in self.kinds]
        return self.dice.choices(kinds, weights)[0]()

    def client(self) -> str:
        mine, others = self.tenant.client_id, self.other.client_id
        return self.dice.choices([mine, others, NOBODY], [20, 3, 1])[0]

    def id(self, field: str) -> str:
        """Return the id of something of one's own, or of the other's."""
        if field == "client_id":
            return self.client()
        whose = self.tenant if self.dice.random() < 0.75 else self.other
        known = whose.ids[field]
        # The latest ones may still be there.
        return self.dice.choice(known[-12:]) if known else NOBODY

    def safely(self, request: Request, rehearsal: bool = True) -> Request:
        """Add what any change may have."""
        if self.dice.random() < 0.3:
            request["request_id"] = self.dice.choice(REQUEST_IDS)
        if rehearsal and self.dice.random() < 0.1:
            request["validate_only"] = True
        return request

    def spec(self) -> Request:
        number = self.dice.randrange(5)
        if self.dice.random() < 0.3:
            account = self.dice.choice(["news", "news", "log"])
            return {
                "platform": "PLATFORM_TELEGRAM",
                "address": f"@Of_All_Clients_{number}",
                "account": account,
            }
        return {
            "platform": "PLATFORM_LOG",
            "address": f"of-all-clients-{number}",
            "account": self.dice.choice(["log", "log", "log", "spare"]),
            "title": self.dice.choice(["", "A title"]),
        }

    def registration(self) -> Request:
        return {
            "client_id": self.client(),
            "open_channel": self.spec(),
            "closed_channel": self.spec(),
        }

    def entry(self) -> Request:
        request = self.registration()
        if self.dice.random() < 0.4:
            # The same content is kept once, whoever sends it.
            request["open_content"] = {"text": self.dice.choice(["Hi", "Ho"])}
        if self.dice.random() < 0.4:
            request["labels"] = {"team": self.dice.choice(["a", "b"])}
        if self.dice.random() < 0.2:
            request["start_time"] = "2040-01-01T00:00:00Z"
        return request

    def create_entry(self) -> tuple[str, Request]:
        return "BroadcastService.CreateEntry", self.safely(self.entry())

    def create_batch(self) -> tuple[str, Request]:
        items = [self.entry() for _ in range(self.dice.randrange(1, 4))]
        return "BroadcastService.BatchCreateEntries", self.safely(
            {"requests": items}
        )

    def create_pair(self) -> tuple[str, Request]:
        return "ChannelService.CreateChannelPair", self.safely(
            self.registration()
        )

    def create_client(self) -> tuple[str, Request]:
        return "ClientService.CreateClient", self.safely(
            {"client_id": self.client(), "pair_quota": 6}
        )

    def get(self) -> tuple[str, Request]:
        field = self.dice.choice(list(FIELDS))
        method = {
            "entry_id": "BroadcastService.GetEntry",
            "channel_pair_id": "ChannelService.GetChannelPair",
            "channel_id": "ChannelService.GetChannel",
            "client_id": "ClientService.GetClient",
        }[field]
        return method, {field: self.id(field)}

    def get_by_addresses(self) -> tuple[str, Request]:
        request = self.registration()
        for side in ("open_channel", "closed_channel"):
            for name in ("account", "title"):
                request[side].pop(name, None)
        return "BroadcastService.GetEntry", {"channel_pair_addresses": request}

    def list(self) -> tuple[str, Request]:
        field = self.dice.choice(list(FIELDS))
        chosen = self.dice.choice(FILTERS).format(
            client=self.client(), field=field, id=self.id(field)
        )
        return FIELDS[field], {
            "page_size": self.dice.choice([0, 1, 1, 2, 3]),
            "filter": chosen,
            "order_by": self.dice.choice(["", "", "create_time desc"]),
        }

    def next_page(self) -> tuple[str, Request]:
        """Go on, with a page token of one's own or of the other's."""
        whose = self.tenant if self.dice.random() < 0.75 else self.other
        if not whose.pages:
            return self.list()
        method, request, token = self.dice.choice(whose.pages[-12:])
        return method, {**request, "page_token": token}

    def update_entry(self) -> tuple[str, Request]:
        entry = {
            "entry_id": self.id("entry_id"),
            "interval": self.dice.choice(["60s", "7200s"]),
            "labels": {"team": self.dice.choice(["a", "b"])},
            "etag": self.etag(),
        }
        return "BroadcastService.UpdateEntry", self.safely({"entry": entry})

    def update_channel(self) -> tuple[str, Request]:
        channel = {
            "channel_id": self.id("channel_id"),
            "title": self.dice.choice(["A", "B"]),
            "etag": self.etag(),
        }
        if self.dice.random() < 0.4:
            channel["account"] = self.dice.choice(["spare", "log", "nobody"])
        return "ChannelService.UpdateChannel", self.safely({"channel": channel})

    def update_client(self) -> tuple[str, Request]:
        client = {
            "client_id": self.client(),
            "display_name": self.dice.choice(["A", "B"]),
            "default_open_content": {"text": self.dice.choice(["Hi", "Ho"])},
            "pair_quota": self.dice.choice([4, 6, 8]),
            "etag": self.etag(),
        }
        return "ClientService.UpdateClient", self.safely({"client": client})

    def etag(self) -> str:
        return self.dice.choice(["", "", "", '"1"', '"2"'])

    def switch(self) -> tuple[str, Request]:
        method, field = self.dice.choice(
            [
                ("BroadcastService.PauseEntry", "entry_id"),
                ("BroadcastService.ResumeEntry", "entry_id"),
                ("ChannelService.DisableChannel", "channel_id"),
                ("ChannelService.EnableChannel", "channel_id"),
            ]
        )
        return method, self.safely({field: self.id(field)}, rehearsal=False)

    def delete(self) -> tuple[str, Request]:
        method, field = self.dice.choices(
            [
                ("BroadcastService.DeleteEntry", "entry_id"),
                ("ChannelService.DeleteChannelPair", "channel_pair_id"),
                ("ClientService.DeleteClient", "client_id"),
            ],
            [4, 4, 1],
        )[0]
        request: Request = {field: self.id(field)}
        if self.dice.random() < 0.3:
            request["allow_missing"] = True
        return method, self.safely(request)

    def backfill(self) -> tuple[str, Request]:
        request: Request = self.dice.choice(
            [
                {"all": {}},
                {"client_id": self.client()},
                {"channel_pair_id": self.id("channel_pair_id")},
            ]
        )
        # Spread, each would be due at a time that depends on the pair's id.
        request["spread"] = "0s"
        return "AdminService.BackfillEntries", self.safely(request)

    def check(self) -> tuple[str, Request]:
        return self.dice.choice(
            [
                ("AdminService.CheckIntegrity", {}),
                ("AdminService.CheckIntegrity", {"client_id": self.client()}),
                ("AdminService.ListAccounts", {"page_size": 1}),
            ]
        )
