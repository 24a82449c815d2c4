"""A random walk of one client's calls, and two worlds to compare it in.

Every call is made twice: on a server that the client shares, and on one that
it has for itself. Ids and page tokens differ there and times do too; what is
left after they are numbered by their first appearance must be the same.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from callers import Caller, Failure
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

assert error_details_pb2  # what the details of an error are made of

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"')
PEER = re.compile(r"ipv4:127.0.0.1:\d+")
PAGE_TOKEN = re.compile(r'"next_page_token": "([^"]+)"')
LISTS = [
    "AdminService.ListAuditEvents",
    "BroadcastService.ListEntries",
    "ChannelService.ListChannelPairs",
    "ChannelService.ListChannels",
    "ClientService.ListClients",
    "FeedService.ListFeeds",
]
# Not next_send_time, which depends on ids.
ORDERS = ["", "create_time desc"]
# What a call may be about; the newest are remembered.
IDS = ("entry_id", "channel_id", "channel_pair_id", "feed_id", "post_id")
LABELS = [{}, {"team": "ops"}, {"team": "web"}]


class World:
    """What one server has told a client, with names instead of values."""

    def __init__(self, caller: Caller) -> None:
        """Know nothing yet."""
        self.caller = caller
        self.values: list[str] = []
        self.numbers: dict[str, int] = {}

    def _number(self, value: str) -> str:
        if value not in self.numbers:
            self.numbers[value] = len(self.values)
            self.values.append(value)
        return f"<{self.numbers[value]}>"

    def canonical(self, text: str) -> str:
        """Return a text with numbers for what only this server says so."""
        text = PAGE_TOKEN.sub(
            lambda found: f'"next_page_token": "{self._number(found[1])}"', text
        )
        text = UUID.sub(lambda found: self._number(found[0]), text)
        text = PEER.sub("PEER", text)
        return TIME.sub('"TIME"', text)

    def translated(self, text: str, other: World) -> str:
        """Return a request of the other world as it is to be made here."""
        for number, value in enumerate(other.values):
            if number < len(self.values):
                text = text.replace(value, self.values[number])
        return text

    def attempt(self, method: str, request: str) -> tuple[str, str]:
        """Make a call; return what it said, as it is and canonical."""
        self.canonical(request)
        done = self.caller.attempt(method, json.loads(request))
        said = json.dumps(readable(done), sort_keys=True)
        return said, self.canonical(said)


def readable(done: Message | Failure) -> dict[str, Any]:
    """Return all that a caller is told."""
    if not isinstance(done, Failure):
        return json_format.MessageToDict(done, preserving_proto_field_name=True)
    status = json_format.MessageToDict(status_pb2.Status.FromString(done.raw))
    return {"code": done.code.name, "message": done.message, "status": status}


class Walk:
    """The next call of a client: often sensible, often not."""

    def __init__(self, chance: random.Random, client_id: str) -> None:
        """Know of no resource yet."""
        self.chance = chance
        self.client_id = client_id
        self.other_id = ""
        self.ids: dict[str, list[str]] = {}  # by field, the newest last
        self.pages: list[tuple[str, dict[str, Any], str]] = []

    def learn(self, method: str, request: str, said: str) -> None:
        """Remember the ids of an answer, and the way to its next page."""
        answer = json.loads(said)
        if "code" in answer:
            return
        if method != "AdminService.ListAuditEvents":
            self._find_ids(answer)
        if "next_page_token" in answer:
            asked = json.loads(request)
            self.pages.append((method, asked, answer["next_page_token"]))

    def _find_ids(self, part: Any) -> None:
        for field, value in part.items() if isinstance(part, dict) else ():
            if field in IDS:
                known = self.ids.setdefault(field, [])
                if value not in known:
                    known.append(value)
                    del known[:-12]
        for value in part.values() if isinstance(part, dict) else part:
            if isinstance(value, (dict, list)):
                self._find_ids(value)

    def next(self, other: Walk, request_ids: list[str]) -> tuple[str, str]:
        """Return a method and its request."""
        self.other_id = other.client_id
        kinds = [self._register, self._entry, self._channel, self._list]
        kinds += [self._client, self._pair, self._page, self._admin]
        kinds += [self._feed, self._post]
        weights = [5, 5, 3, 3, 1.5, 2, 3, 1, 3, 4]
        kind = self.chance.choices(kinds, weights)[0]
        method, request = kind(other)
        writes = method.partition(".")[2].startswith(
            (
                *("Create", "Batch", "Update", "Delete", "Pause", "Resume"),
                *("Upsert", "Close", "Remove"),
            )
        )
        if writes and self.chance.random() < 0.3:
            request["request_id"] = self.chance.choice(request_ids)
        if "Create" in method and self.chance.random() < 0.1:
            request["validate_only"] = True
        return method, json.dumps(request)

    def _id(self, field: str, other: Walk) -> str:
        """Return an id: of its own, of the other, or of nobody."""
        whose = other if self.chance.random() < 0.25 else self
        known = whose.ids.get(field, [])
        if not known or self.chance.random() < 0.03:
            return f"{self.chance.getrandbits(32):08x}-0000-7000-8000-{0:012x}"
        return self.chance.choice(known)

    def _client_id(self) -> str:
        return self.other_id if self.chance.random() < 0.15 else self.client_id

    def _pair_of_addresses(self) -> dict[str, Any]:
        # Both clients draw from the same few addresses.
        def spec(side: str) -> dict[str, Any]:
            number = self.chance.randrange(6)
            return {
                "platform": "PLATFORM_LOG",
                "address": f"{side}-{number}",
                "account": self.chance.choices(["log", "spare"], [9, 1])[0],
            }

        return {"open_channel": spec("open"), "closed_channel": spec("closed")}

    def _register(self, _: Walk) -> tuple[str, dict[str, Any]]:
        def registration() -> dict[str, Any]:
            return {
                "client_id": self._client_id(),
                **self._pair_of_addresses(),
            }

        def new_entry() -> dict[str, Any]:
            interval = f"{self.chance.randrange(1, 40) * 3600}s"
            labels = self.chance.choice(LABELS)
            return registration() | {"interval": interval, "labels": labels}

        if self.chance.random() < 0.2:
            return "ChannelService.CreateChannelPair", registration()
        if self.chance.random() < 0.2:
            batch = [new_entry() for _ in range(self.chance.randrange(1, 4))]
            return "BroadcastService.BatchCreateEntries", {"requests": batch}
        return "BroadcastService.CreateEntry", new_entry()

    def _etag(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.chance.random() < 0.3:
            request["etag"] = f'"{self.chance.randrange(1, 4)}"'
        return request

    def _entry(self, other: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choice(
            ["Get", "Update", "Pause", "Resume", "Delete"]
        )
        request = {"entry_id": self._id("entry_id", other)}
        if verb == "Get" and self.chance.random() < 0.3:
            addresses = self._pair_of_addresses()
            for channel in addresses.values():
                del channel["account"]
            request = {
                "channel_pair_addresses": {
                    "client_id": self._client_id(),
                    **addresses,
                }
            }
        elif verb == "Update":
            interval = f"{self.chance.randrange(1, 40) * 3600}s"
            entry = self._etag(request | {"interval": interval})
            request = {"entry": entry}
        elif verb != "Get":
            self._etag(request)
        return f"BroadcastService.{verb}Entry", request

    def _channel(self, other: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choice(["Get", "Update", "Enable", "Disable"])
        request = {"channel_id": self._id("channel_id", other)}
        if verb == "Update":
            title = f"Title {self.chance.randrange(9)}"
            request = {"channel": self._etag(request | {"title": title})}
        elif verb != "Get":
            self._etag(request)
        return f"ChannelService.{verb}Channel", request

    def _pair(self, other: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choice(["Get", "Delete"])
        request = {"channel_pair_id": self._id("channel_pair_id", other)}
        if verb == "Delete" and self.chance.random() < 0.3:
            request["allow_missing"] = True
        return f"ChannelService.{verb}ChannelPair", request

    def _feed(self, other: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choices(
            ["Create", "Get", "Update", "Delete", "Remove"], [4, 2, 2, 1, 1]
        )[0]
        named = {"feed_id": self._id("feed_id", other)}
        if verb == "Create":
            name = f"feed-{self.chance.randrange(4)}"
            feed = {"client_id": self._client_id(), "name": name}
            return "FeedService.CreateFeed", {"feed": feed}
        if verb == "Update":
            state = self.chance.choices(["STATE_OPEN", "STATE_CLOSED"], [4, 1])
            feed = self._etag(named | {"state": state[0]})
            return "FeedService.UpdateFeed", {"feed": feed}
        if verb == "Delete":
            named["force"] = self.chance.random() < 0.3
            return "FeedService.DeleteFeed", self._etag(named)
        if verb == "Remove":
            named["channel_id"] = self._id("channel_id", other)
            return "FeedService.RemoveFeedChannel", named
        return "FeedService.GetFeed", named

    # Feeds are on no channel: what is sent would be told as it is by then.
    def _post(self, other: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choices(
            ["Upsert", "Batch", "Get", "Close", "Delete", "List"],
            [5, 1, 2, 2, 1, 2],
        )[0]
        feed = {"feed_id": self._id("feed_id", other)}

        def post() -> dict[str, Any]:
            text = f"Text {self.chance.randrange(3)}"
            number = self.chance.randrange(5)
            return {"external_id": f"post-{number}", "content": {"text": text}}

        if verb == "Upsert":
            return "FeedService.UpsertPost", self._etag(feed | {"post": post()})
        if verb == "Batch":
            posts = [post() for _ in range(self.chance.randrange(1, 3))]
            return "FeedService.BatchUpsertPosts", feed | {"posts": posts}
        if verb == "List":
            size = self.chance.choice([1, 2, 1000])
            return "FeedService.ListPosts", feed | {"page_size": size}
        key: dict[str, Any] = {"post_id": self._id("post_id", other)}
        if self.chance.random() < 0.3:
            external_id = post()["external_id"]
            key = {"post_name": feed | {"external_id": external_id}}
        if verb != "Get":
            self._etag(key)
        return f"FeedService.{verb}Post", key

    def _client(self, _: Walk) -> tuple[str, dict[str, Any]]:
        verb = self.chance.choices(
            ["Get", "Create", "Update", "Delete"], [3, 3, 3, 0.3]
        )[0]
        request = {"client_id": self._client_id()}
        if verb == "Create":
            request["display_name"] = "Some client"
        elif verb == "Update":
            quota = self.chance.randrange(4, 9)
            request = {"client": self._etag(request | {"pair_quota": quota})}
        return f"ClientService.{verb}Client", request

    def _admin(self, other: Walk) -> tuple[str, dict[str, Any]]:
        if self.chance.random() < 0.5:
            named = {"client_id": self._client_id()}
            return "AdminService.CheckIntegrity", self.chance.choice(
                [{}, named]
            )
        scope = self.chance.choice(
            [
                {"all": {}},
                {"client_id": self._client_id()},
                {"channel_pair_id": self._id("channel_pair_id", other)},
            ]
        )
        return "AdminService.BackfillEntries", scope

    def _filters(self, method: str) -> list[str]:
        if method == "AdminService.ListAuditEvents":
            # Refusals are written later, at no certain time.
            return [
                "outcome = OK",
                f"outcome = OK AND client_id = {self._client_id()}",
            ]
        filters = ["", f"client_id = {self._client_id()}"]
        filters += ['create_time > "2020-01-01T00:00:00Z"']
        if method == "ClientService.ListClients":
            return [*filters, 'display_name = "Some client"']
        if method == "FeedService.ListFeeds":
            return [*filters, "state = CLOSED", "name = feed-1"]
        if method == "ChannelService.ListChannels":
            return [*filters, "state = DISABLED", 'address = "open-1"']
        if method == "ChannelService.ListChannelPairs":
            return [*filters, "configured = false", 'open_address = "open-1"']
        return [
            *filters,
            "state = PAUSED",
            "labels.team = ops",
            "labels.team:*",
        ]

    def _list(self, _: Walk) -> tuple[str, dict[str, Any]]:
        method = self.chance.choice(LISTS)
        return method, {
            "page_size": self.chance.choice([1, 2, 3, 1000]),
            "filter": self.chance.choice(self._filters(method)),
            "order_by": self.chance.choice(ORDERS),
        }

    def _page(self, other: Walk) -> tuple[str, dict[str, Any]]:
        whose = other if self.chance.random() < 0.3 else self
        if not whose.pages:
            return self._list(other)
        method, asked, token = self.chance.choice(whose.pages[-8:])
        request = asked | {"page_token": token}
        if self.chance.random() < 0.2:
            request["order_by"] = self.chance.choice(ORDERS)
        return method, request
