"""A request for each method that succeeds for the client it is made for.

The exceptions stand at the end.

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

    def entry_to_send_id(self) -> str:
        """Return an entry with content, which is not due by itself.

        Its webhooks lead nowhere, so that what it sends goes on waiting.
        """
        registration = self.registration()
        registration["start_time"] = "2100-01-01T00:00:00Z"
        for side in ("open", "closed"):
            registration[f"{side}_channel"] = {
                "platform": "PLATFORM_WEBHOOK",
                "address": f"https://nobody.invalid/{self.mark}"
                f"/{self.pairs}/{side}",
                "account": "hooks",
            }
            registration[f"{side}_content"] = {"text": "Hello"}
        made = self.caller.call("BroadcastService.CreateEntry", registration)
        return made.entry.entry_id

    def operation_id(self) -> str:
        """Return an operation that runs."""
        sent = self.caller.call(
            "BroadcastService.Trigger", {"entry_id": self.entry_to_send_id()}
        )
        return sent.operation.operation_id

    def delivery_id(self) -> str:
        """Return a delivery that waits."""
        listed = self.caller.call(
            "OperationService.ListDeliveries",
            {"operation_id": self.operation_id()},
        )
        return listed.deliveries[0].delivery_id

    def pair_id(self, configured: bool = True) -> str:
        """Return a pair that nothing else uses."""
        if configured:
            return self.new_entry().channel_pair.channel_pair_id
        made = self.caller.call(
            "ChannelService.CreateChannelPair", self.registration()
        )
        return made.channel_pair.channel_pair_id

    def feed_id(self, channel_id: str = "") -> str:
        """Return a feed that nothing else uses, on a channel if given."""
        made = self.caller.call(
            "FeedService.CreateFeed", {"feed": self.new_feed()}
        )
        feed_id = made.feed.feed_id
        if channel_id:
            self.caller.call(
                "FeedService.AddFeedChannel",
                {"feed_id": feed_id, "channel_id": channel_id},
            )
        return feed_id

    def new_feed(self) -> Request:
        """Return a feed that is not there yet."""
        self.pairs += 1
        return {"client_id": self.client_id, "name": f"feed-{self.pairs}"}

    def feed_channel(self) -> Request:
        """Return a feed and the channel that it is published to."""
        channel_id = self.channel_id()
        return {
            "feed_id": self.feed_id(channel_id),
            "channel_id": channel_id,
        }

    def post_id(self) -> str:
        """Return an open post."""
        made = self.caller.call(
            "FeedService.UpsertPost",
            {"feed_id": self.feed_id(), "post": POST},
        )
        return made.post.post_id


POST = {"external_id": "a", "content": {"text": "Hello"}}

EXAMPLES: dict[str, Callable[[Owner], Request]] = {
    "AdminService.BackfillEntries": lambda owner: {
        "channel_pair_id": owner.pair_id(configured=False)
    },
    "AdminService.CheckIntegrity": lambda owner: {"client_id": owner.client_id},
    "AdminService.ExecuteDue": lambda _: {},
    "AdminService.GetServerInfo": lambda _: {},
    "AdminService.GetStatistics": lambda owner: {"client_id": owner.client_id},
    "AdminService.ListAccounts": lambda _: {},
    "AdminService.ListAuditEvents": lambda _: {},
    "AdminService.PauseScheduler": lambda _: {},
    "AdminService.ResumeScheduler": lambda _: {},
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
    "BroadcastService.Migrate": lambda owner: {
        "channel_id": owner.feed_channel()["channel_id"],
        "target_channel_id": owner.channel_id(),
    },
    "BroadcastService.PauseEntry": lambda owner: {
        "entry_id": owner.new_entry().entry_id
    },
    "BroadcastService.ResumeEntry": lambda owner: {
        "entry_id": owner.paused_entry_id()
    },
    "BroadcastService.SendTest": lambda owner: {
        "entry_id": owner.entry_to_send_id(),
        "side": "SIDE_OPEN",
        "address": "https://nobody.invalid/test",
    },
    "BroadcastService.Sync": lambda owner: {
        "feed_id": owner.feed_channel()["feed_id"]
    },
    "BroadcastService.Trigger": lambda owner: {
        "entry_id": owner.entry_to_send_id()
    },
    "BroadcastService.UpdateEntry": lambda owner: {
        "entry": {
            "entry_id": owner.new_entry().entry_id,
            "interval": "7200s",
        }
    },
    "ChannelService.CheckChannel": lambda owner: {
        "channel_id": owner.channel_id()
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
    "EventService.WatchEvents": lambda _: {},
    "FeedService.AddFeedChannel": lambda owner: {
        "feed_id": owner.feed_id(),
        "channel_id": owner.channel_id(),
    },
    "FeedService.BatchUpsertPosts": lambda owner: {
        "feed_id": owner.feed_id(),
        "posts": [POST],
    },
    "FeedService.ClosePost": lambda owner: {"post_id": owner.post_id()},
    "FeedService.CreateFeed": lambda owner: {"feed": owner.new_feed()},
    "FeedService.DeleteFeed": lambda owner: {"feed_id": owner.feed_id()},
    "FeedService.DeletePost": lambda owner: {"post_id": owner.post_id()},
    "FeedService.GetFeed": lambda owner: {"feed_id": owner.feed_id()},
    "FeedService.GetPost": lambda owner: {"post_id": owner.post_id()},
    "FeedService.ImportPosts": lambda owner: {
        "settings": {
            "feed_id": owner.feed_id(),
            "mode": "IMPORT_MODE_MERGE",
            "replace_running": True,
        }
    },
    "FeedService.ListFeeds": lambda _: {},
    "FeedService.ListMessages": lambda _: {},
    "FeedService.ListPosts": lambda owner: {"feed_id": owner.feed_id()},
    "FeedService.RemoveFeedChannel": lambda owner: owner.feed_channel(),
    "FeedService.UpdateFeed": lambda owner: {
        "feed": {"feed_id": owner.feed_id(), "display_name": "New"}
    },
    "FeedService.UpsertPost": lambda owner: {
        "feed_id": owner.feed_id(),
        "post": POST,
    },
    "OperationService.CancelOperation": lambda owner: {
        "operation_id": owner.operation_id()
    },
    "OperationService.GetOperation": lambda owner: {
        "operation_id": owner.operation_id()
    },
    "OperationService.ListDeliveries": lambda owner: {
        "operation_id": owner.operation_id()
    },
    "OperationService.ListOperations": lambda _: {},
    "OperationService.ResolveDelivery": lambda owner: {
        "delivery_id": owner.delivery_id(),
        "resolution": "DELIVERY_RESOLUTION_ABANDONED",
    },
    "OperationService.RetryDeliveries": lambda owner: {
        "operation_id": owner.operation_id()
    },
    "OperationService.WatchOperation": lambda owner: {
        "operation_id": owner.operation_id()
    },
}

# What concerns all clients: whoever is bound to one is refused.
OF_ALL_CLIENTS = {
    "AdminService.ExecuteDue",
    "AdminService.PauseScheduler",
    "AdminService.ResumeScheduler",
}

# What even its owner is told of the example, as it cannot be had here.
REFUSED_TO_ALL = {"OperationService.ResolveDelivery": "DELIVERY_NOT_UNKNOWN"}
