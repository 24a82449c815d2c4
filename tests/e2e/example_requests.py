"""A request for each method that succeeds for the client it is made for.

Whoever adds a method adds an example here; test_authorization_matrix.py then
knows by rule what every other caller must be told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from callers import Caller

Request = dict[str, Any]


class Owner:
    """A client with resources, made by a caller who may do everything."""

    def __init__(self, caller: Caller) -> None:
        """Register the client, under a name of its own."""
        self.caller = caller
        self.client_id = str(uuid.uuid4())
        self.mark = uuid.uuid4().hex[:12]
        self.pairs = 0
        self.entry = self.new_entry()

    def registration(self) -> Request:
        """Return a pair that is not registered yet."""
        self.pairs += 1
        name = f"{self.mark}-{self.pairs}"

        def spec(side: str) -> Request:
            return {
                "platform": "PLATFORM_LOG",
                "address": f"{side}-{name}",
                "account": "log",
            }

        return {
            "client_id": self.client_id,
            "open_channel": spec("open"),
            "closed_channel": spec("closed"),
        }

    def new_entry(self) -> Any:
        """Return an entry that nothing else uses."""
        made = self.caller.call(
            "BroadcastService.CreateEntry", self.registration()
        )
        return made.entry

    def gone(self) -> str:
        """Return the client, which is not registered any more."""
        named = {"client_id": self.client_id}
        self.caller.call("ClientService.DeleteClient", named)
        return self.client_id

    def paused_entry_id(self) -> str:
        """Return an entry that may be resumed."""
        entry_id = self.new_entry().entry_id
        self.caller.call("BroadcastService.PauseEntry", {"entry_id": entry_id})
        return entry_id

    def channel_id(self, disabled: bool = False) -> str:
        """Return a channel of an entry that nothing else uses."""
        channel_id = self.new_entry().channel_pair.open_channel.channel_id
        if disabled:
            self.caller.call(
                "ChannelService.DisableChannel", {"channel_id": channel_id}
            )
        return channel_id

    def pair_id(self, configured: bool = True) -> str:
        """Return a pair that nothing else uses."""
        if configured:
            return self.new_entry().channel_pair.channel_pair_id
        made = self.caller.call(
            "ChannelService.CreateChannelPair", self.registration()
        )
        return made.channel_pair.channel_pair_id


EXAMPLES: dict[str, Callable[[Owner], Request]] = {
    "AdminService.BackfillEntries": lambda owner: {
        "channel_pair_id": owner.pair_id(configured=False)
    },
    "AdminService.CheckIntegrity": lambda owner: {"client_id": owner.client_id},
    "AdminService.GetServerInfo": lambda _: {},
    "AdminService.ListAccounts": lambda _: {},
    "AdminService.ListAuditEvents": lambda _: {},
    "BroadcastService.BatchCreateEntries": lambda owner: {
        "requests": [owner.registration(), owner.registration()]
    },
    "BroadcastService.CreateEntry": lambda owner: owner.registration(),
    "BroadcastService.DeleteEntry": lambda owner: {
        "entry_id": owner.new_entry().entry_id
    },
    "BroadcastService.GetEntry": lambda owner: {
        "entry_id": owner.entry.entry_id
    },
    "BroadcastService.ListEntries": lambda _: {},
    "BroadcastService.PauseEntry": lambda owner: {
        "entry_id": owner.new_entry().entry_id
    },
    "BroadcastService.ResumeEntry": lambda owner: {
        "entry_id": owner.paused_entry_id()
    },
    "BroadcastService.UpdateEntry": lambda owner: {
        "entry": {
            "entry_id": owner.new_entry().entry_id,
            "interval": "7200s",
        }
    },
    "ChannelService.CreateChannelPair": lambda owner: owner.registration(),
    "ChannelService.DeleteChannelPair": lambda owner: {
        "channel_pair_id": owner.pair_id()
    },
    "ChannelService.DisableChannel": lambda owner: {
        "channel_id": owner.channel_id()
    },
    "ChannelService.EnableChannel": lambda owner: {
        "channel_id": owner.channel_id(disabled=True)
    },
    "ChannelService.GetChannel": lambda owner: {
        "channel_id": owner.entry.channel_pair.open_channel.channel_id
    },
    "ChannelService.GetChannelPair": lambda owner: {
        "channel_pair_id": owner.entry.channel_pair.channel_pair_id
    },
    "ChannelService.ListChannelPairs": lambda _: {},
    "ChannelService.ListChannels": lambda _: {},
    "ChannelService.UpdateChannel": lambda owner: {
        "channel": {"channel_id": owner.channel_id(), "title": "New"}
    },
    "ClientService.CreateClient": lambda owner: {"client_id": owner.gone()},
    "ClientService.DeleteClient": lambda owner: {"client_id": owner.client_id},
    "ClientService.GetClient": lambda owner: {"client_id": owner.client_id},
    "ClientService.ListClients": lambda _: {},
    "ClientService.UpdateClient": lambda owner: {
        "client": {"client_id": owner.client_id, "display_name": "New"}
    },
}
