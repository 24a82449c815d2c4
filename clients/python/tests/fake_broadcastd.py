"""A server in this process that answers as a test tells it to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from broadcast.v1 import (
    admin_service_pb2_grpc,
    broadcast_service_pb2_grpc,
    channel_service_pb2_grpc,
    client_service_pb2_grpc,
    event_service_pb2_grpc,
    feed_service_pb2_grpc,
    operation_service_pb2_grpc,
)

_SERVICES = (
    (admin_service_pb2_grpc, "AdminService"),
    (broadcast_service_pb2_grpc, "BroadcastService"),
    (channel_service_pb2_grpc, "ChannelService"),
    (client_service_pb2_grpc, "ClientService"),
    (event_service_pb2_grpc, "EventService"),
    (feed_service_pb2_grpc, "FeedService"),
    (operation_service_pb2_grpc, "OperationService"),
)


class Received(NamedTuple):
    """One attempt of a call, as it reached the server."""

    method: str
    request: Any
    metadata: dict[str, str]
    time_remaining: float


class Failure(NamedTuple):
    """An answer that is an error."""

    code: grpc.StatusCode
    reason: str = ""
    message: str = "It failed."
    metadata: dict[str, str] = {}  # noqa: RUF012  (nobody changes it)
    details: Sequence[Any] = ()

    def status(self) -> Any:
        details = list(self.details)
        if self.reason:
            info = error_details_pb2.ErrorInfo(
                reason=self.reason, domain="broadcastd", metadata=self.metadata
            )
            details.insert(0, info)
        packed = []
        for detail in details:
            packed.append(any_pb2.Any())
            packed[-1].Pack(detail)
        return rpc_status.to_status(
            status_pb2.Status(
                code=self.code.value[0], message=self.message, details=packed
            )
        )


def token_of(metadata: dict[str, str]) -> str | None:
    """Return the token in a call's metadata, if there is one."""
    scheme, _, token = metadata.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else None


class FakeBroadcastd:
    """Serves every method; one that was told no answer is UNIMPLEMENTED."""

    def __init__(
        self, credentials: grpc.ServerCredentials | None = None
    ) -> None:
        """Listen on a free port of this machine."""
        self.received: list[Received] = []
        self._accepted: set[str] | None = None
        self._answers: dict[str, list[Any]] = defaultdict(list)
        self._server = grpc.server(ThreadPoolExecutor(4))
        for module, service in _SERVICES:
            servicer = getattr(module, f"{service}Servicer")
            methods = {
                name: self._handler(name)
                for name in vars(servicer)
                if not name.startswith("_")
            }
            fake = type(f"Fake{service}", (servicer,), methods)()
            add = getattr(module, f"add_{service}Servicer_to_server")
            add(fake, self._server)
        if credentials:
            port = self._server.add_secure_port("127.0.0.1:0", credentials)
        else:
            port = self._server.add_insecure_port("127.0.0.1:0")
        self.address = f"127.0.0.1:{port}"

    def __enter__(self) -> FakeBroadcastd:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()

    def answer(self, method: str, *answers: Any) -> None:
        """Answer the next calls so: messages, Failures, or functions of them.

        A list is what a stream sends. The last answer stays.
        """
        self._answers[method] = list(answers)

    def accept(self, *tokens: str) -> None:
        """Ask every call for one of these tokens from now on."""
        self._accepted = set(tokens)

    def tokens(self) -> list[str | None]:
        """Return what each attempt carried, in their order."""
        return [token_of(call.metadata) for call in self.received]

    def _refusal_of(self, metadata: dict[str, str]) -> Failure | None:
        token = token_of(metadata)
        if self._accepted is None or token in self._accepted:
            return None
        if token is None:
            return Failure(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")
        return Failure(
            grpc.StatusCode.UNAUTHENTICATED,
            "TOKEN_INVALID",
            metadata={"problem": "expired"},
        )

    def _handler(self, method: str) -> Callable[[Any, Any, Any], Any]:
        def handle(_: Any, request: Any, context: Any) -> Any:
            metadata = dict(context.invocation_metadata())
            self.received.append(
                Received(method, request, metadata, context.time_remaining())
            )
            if refusal := self._refusal_of(metadata):
                context.abort_with_status(refusal.status())
            answers = self._answers[method]
            if not answers:
                context.abort(grpc.StatusCode.UNIMPLEMENTED, "No answer.")
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if callable(answer):
                answer = answer(request)
            if isinstance(answer, Failure):
                context.abort_with_status(answer.status())
            if method.startswith("Watch") or method == "ImportPosts":
                return stream(answer, context)
            return answer

        def stream(answer: Any, context: Any) -> Iterator[Any]:
            if not isinstance(answer, list | Iterator):
                answer = [answer]
            for item in answer:
                if isinstance(item, Failure):
                    context.abort_with_status(item.status())
                yield item

        return handle
