"""Calls of the contract by name, with a token, and what comes of them."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

import broadcast.v1
from broadcast.v1 import authorization_pb2


def contract() -> dict[str, MethodDescriptor]:
    """Return every method of broadcast.v1 as `Service.Method`."""
    found = {}
    for module in pkgutil.iter_modules(broadcast.v1.__path__):
        if not module.name.endswith("_pb2"):
            continue
        file = importlib.import_module(f"broadcast.v1.{module.name}").DESCRIPTOR
        for service in file.services_by_name.values():
            for method in service.methods:
                found[f"{service.name}.{method.name}"] = method
    return found


METHODS = contract()


def required_scope(method: str) -> str:
    """Return the scope that a method declares; empty if it declares none."""
    options = METHODS[method].GetOptions()
    return options.Extensions[authorization_pb2.required_scope]


def scopes() -> set[str]:
    """Return every scope that some method asks for."""
    return {required_scope(method) for method in METHODS} - {"", "any"}


ALL_SCOPES = " ".join(sorted(scopes()))


@dataclasses.dataclass(frozen=True)
class Failure:
    """How a call failed: all that its caller is told."""

    code: grpc.StatusCode
    reason: str
    metadata: dict[str, str]
    message: str
    details: str  # every detail as text, ErrorInfo among them
    raw: bytes

    @classmethod
    def of(cls, error: grpc.RpcError) -> Failure:
        raw = dict(error.trailing_metadata() or ()).get(
            "grpc-status-details-bin", b""
        )
        assert isinstance(raw, bytes)
        info = error_details_pb2.ErrorInfo()
        status = status_pb2.Status.FromString(raw)
        for detail in status.details:
            detail.Unpack(info)
        return cls(
            code=error.code(),
            reason=info.reason or error.code().name,
            metadata=dict(info.metadata),
            message=error.details() or "",
            details=str(status),
            raw=raw,
        )

    def __str__(self) -> str:
        """Return what to look at when a test fails."""
        return f"{self.code.name} {self.reason} {self.metadata} {self.message}"


class Caller:
    """Makes calls on a channel, with a token or without."""

    def __init__(self, channel: grpc.Channel | None, token: str = "") -> None:
        """Only remember how to call."""
        assert channel is not None
        self.channel = channel
        self.token = token

    def attempt(
        self, method: str, request: Message | Mapping[str, Any]
    ) -> Message | Failure:
        """Return the response, of a stream the first, or how it failed."""
        descriptor = METHODS[method]
        message = message_factory.GetMessageClass(descriptor.input_type)
        if not isinstance(request, Message):
            request = json_format.ParseDict(dict(request), message())
        kind: Any = self.channel.unary_unary
        if descriptor.client_streaming:
            kind = self.channel.stream_stream
        elif descriptor.server_streaming:
            kind = self.channel.unary_stream
        call = kind(
            f"/{descriptor.containing_service.full_name}/{descriptor.name}",
            request_serializer=message.SerializeToString,
            response_deserializer=message_factory.GetMessageClass(
                descriptor.output_type
            ).FromString,
        )
        metadata = [("authorization", f"Bearer {self.token}")]
        try:
            answer = call(
                iter([request]) if descriptor.client_streaming else request,
                timeout=30,
                metadata=metadata if self.token else None,
            )
            if not descriptor.server_streaming:
                return answer
            first = next(answer)
            answer.cancel()
            return first
        except grpc.RpcError as error:
            return Failure.of(error)

    def call(self, method: str, request: Message | Mapping[str, Any]) -> Any:
        """Return the response of a call that must succeed."""
        done = self.attempt(method, request)
        assert not isinstance(done, Failure), f"{method}: {done}"
        return done

    def refused(
        self, method: str, request: Message | Mapping[str, Any]
    ) -> Failure:
        """Return how a call failed that must fail."""
        done = self.attempt(method, request)
        assert isinstance(done, Failure), f"{method} succeeded:\n{done}"
        return done
