"""What this API's users send and see, and how it is said to broadcastd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from broadcastd import messages as m
from pydantic import AfterValidator, BaseModel

from registration_api.settings import Settings

NOT_CONFIGURED = "not configured"


def _must_be_unicode(text: str) -> str:
    """Refuse half a surrogate pair, which JSON can write but no text is."""
    text.encode()
    return text


Text = Annotated[str, AfterValidator(_must_be_unicode)]


class NewChannel(BaseModel):
    """A channel to register."""

    address: Text
    title: Text = ""
    text: Text | None = None
    """What is broadcast there; without it, the server's default."""

    def spec(self, settings: Settings) -> m.ChannelSpec:
        """Name the channel to broadcastd."""
        return m.ChannelSpec(
            platform=settings.platform,
            address=self.address,
            account=settings.account,
            title=self.title,
        )

    def content(self) -> m.Content | None:
        """Return the text as broadcastd takes it."""
        return None if self.text is None else m.Content(text=self.text)


class NewPair(BaseModel):
    """A pair to register: the channel for everybody, and for members only."""

    open: NewChannel
    closed: NewChannel


class Channel(BaseModel):
    """One side of a registered pair."""

    address: str
    title: str


class Entry(BaseModel):
    """What keeps a pair supplied with messages."""

    entry_id: str
    last_outcome: str
    last_send_time: datetime | None
    next_send_time: datetime


class Pair(BaseModel):
    """A registered pair."""

    pair_id: str
    status: str
    """`active`, `paused`, `disabled`, or `not configured` without an entry."""
    open: Channel
    closed: Channel
    entry: Entry | None

    @classmethod
    def of(cls, item: m.ChannelPairItem | m.CreateEntryResponse) -> Pair:
        """Show a pair of broadcastd, which has an entry or none."""
        pair = item.channel_pair
        entry = item.entry if item.HasField("entry") else None
        return cls(
            pair_id=pair.channel_pair_id,
            status=_status_of(entry),
            open=_channel_of(pair.open_channel),
            closed=_channel_of(pair.closed_channel),
            entry=entry and _entry_of(entry),
        )


def _status_of(entry: m.Entry | None) -> str:
    if entry is None:
        return NOT_CONFIGURED
    state: str = m.Entry.State.Name(entry.state)
    return state.removeprefix("STATE_").lower()


def _channel_of(channel: m.Channel) -> Channel:
    return Channel(address=channel.address, title=channel.title)


def _entry_of(entry: m.Entry) -> Entry:
    outcome = m.Entry.Outcome.Name(entry.last_outcome)
    sent = entry.HasField("last_send_time")
    return Entry(
        entry_id=entry.entry_id,
        last_outcome=outcome.removeprefix("OUTCOME_").lower(),
        last_send_time=_time(entry.last_send_time) if sent else None,
        next_send_time=_time(entry.next_send_time),
    )


def _time(timestamp: Any) -> datetime:
    time: datetime = timestamp.ToDatetime(UTC)
    return time
