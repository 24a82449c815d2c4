"""A client on a server that it shares, and the same client on one of its own.

Every call is made on both. What the shared server answers must be what the
other one does, but for what no two servers have in common: ids that a server
makes, the times of calls, and page tokens. The ids must correspond, one to one.
"""

from __future__ import annotations

import datetime
import json
import re
from collections import defaultdict
from typing import Any

from callers import Caller, Failure
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import status_pb2

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Two servers are called one after the other.
MOST_SECONDS_APART = 60.0

Request = dict[str, Any]


def as_dict(answer: Message | Failure) -> dict[str, Any]:
    """Return all that a caller is told."""
    if isinstance(answer, Message):
        return json_format.MessageToDict(
            answer,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
        )
    details = json_format.MessageToDict(
        status_pb2.Status.FromString(answer.raw)
    )
    return {"code": answer.code.name, "message": answer.message, **details}


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return every scalar with its path, in an order of its own."""
    if isinstance(value, dict):
        found = [(f"{path}{{}}", len(value))]
        for key in sorted(value):
            found += leaves(value[key], f"{path}.{key}")
        return found
    if isinstance(value, list):
        found = [(f"{path}[]", len(value))]
        for index, item in enumerate(value):
            found += leaves(item, f"{path}.{index}")
        return found
    return [(path, value)]


def seconds(text: str) -> float:
    """Return a time of an answer; 0 for one that is unset."""
    return datetime.datetime.fromisoformat(text).timestamp() if text else 0.0


class Tenant:
    """One client, twice."""

    def __init__(self, client_id: str, shared: Caller, alone: Caller) -> None:
        """Only remember whom to call."""
        self.client_id = client_id
        self.shared = shared
        self.alone = alone
        self.twins: dict[str, str] = {}  # of the shared server to the other's
        self.ids: dict[str, list[str]] = defaultdict(list)  # by field
        # What page tokens were given for: method, request, token.
        self.pages: list[tuple[str, Request, str]] = []
        self.taken = 0
        self.log: list[str] = []

    def __str__(self) -> str:
        """Return what to look at when a test fails."""
        return f"client {self.client_id}:\n" + "\n".join(self.log[-4:])

    def twin_of(self, value: Any) -> Any:
        """Return a request for the shared server as the other one has it."""
        if isinstance(value, dict):
            return {key: self.twin_of(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.twin_of(item) for item in value]
        if not isinstance(value, str):
            return value
        if value in self.twins:
            return self.twins[value]
        return UUID.sub(lambda id_: self.twins.get(id_[0], id_[0]), value)

    def call(self, method: str, request: Request) -> dict[str, Any]:
        """Make a call on both, and return what the shared server answers."""
        shared = as_dict(self.shared.attempt(method, request))
        self.log.append(f"{method} {json.dumps(request)}\n  {shared}")
        if "CHANNEL_TAKEN" in str(shared.get("details")):
            self._check_taken(request, shared)
            return shared
        alone = as_dict(self.alone.attempt(method, self.twin_of(request)))
        self._compare(request, shared, alone)
        if shared.get("next_page_token"):
            self.pages.append((method, request, shared["next_page_token"]))
        return shared

    def _check_taken(self, request: Request, shared: dict[str, Any]) -> None:
        """Check the one thing that a client may notice of others."""
        self.taken += 1
        named = set(UUID.findall(json.dumps(request)))
        assert set(UUID.findall(json.dumps(shared))) <= named, str(self)
        info = shared["details"][0]
        assert set(info["metadata"]) <= {"field", "request_index"}, str(self)

    def _compare(
        self, request: Request, shared: dict[str, Any], alone: dict[str, Any]
    ) -> None:
        ours, theirs = leaves(shared), leaves(alone)
        self.log[-1] += f"\n  {alone}"
        given = set(UUID.findall(json.dumps(request)))
        for (path, one), (other_path, other) in zip(ours, theirs, strict=False):
            assert path == other_path, f"{path}, {other_path}\n{self}"
            assert self._alike(path, one, other, given), f"{path}\n{self}"
        assert len(ours) == len(theirs), str(self)

    def _alike(self, path: str, one: Any, other: Any, given: set[str]) -> bool:
        field = path.rsplit(".", 1)[-1]
        if not isinstance(one, str) or not isinstance(other, str):
            return one == other
        if field.endswith("_time"):
            return abs(seconds(one) - seconds(other)) < MOST_SECONDS_APART
        if field == "next_page_token":
            if one:
                self.twins[one] = other
            return bool(one) == bool(other)
        ours, theirs = UUID.findall(one), UUID.findall(other)
        if len(ours) != len(theirs):
            return False
        for our, their in zip(ours, theirs, strict=True):
            if our in given and our not in self.twins:
                continue  # told back: it is nobody's, or not ours to see
            if our not in self.twins and our != self.client_id:
                if their in self.twins.values():
                    return False
                self.twins[our] = their
                self.ids[field].append(our)
        return self.twin_of(one) == other
