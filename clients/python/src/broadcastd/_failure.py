"""A failure of gRPC, turned into what this library raises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from broadcastd.errors import BroadcastError, FieldViolation

_DOMAIN = "broadcastd"


def error_from(error: Any, request_id: str = "") -> BroadcastError:
    """Turn a grpc.RpcError into what this library raises."""
    code: grpc.StatusCode = error.code()
    reason, metadata = "", {}
    violations: list[FieldViolation] = []
    retry_after: timedelta | None = None
    for detail in _details_of(error):
        if isinstance(detail, error_details_pb2.ErrorInfo):
            if detail.domain == _DOMAIN:
                reason, metadata = detail.reason, dict(detail.metadata)
        elif isinstance(detail, error_details_pb2.BadRequest):
            violations += [
                FieldViolation(item.field, item.description)
                for item in detail.field_violations
            ]
        elif isinstance(detail, error_details_pb2.RetryInfo):
            retry_after = detail.retry_delay.ToTimedelta()
    kind = BroadcastError._by_reason.get(reason)
    kind = kind or BroadcastError._by_code.get(code, BroadcastError)
    return kind(
        error.details() or "",
        code=code,
        reason=reason,
        metadata=metadata,
        field_violations=violations,
        retry_after=retry_after,
        request_id=request_id,
    )


def _details_of(error: Any) -> list[Any]:
    """Unpack the details that are known here; whatever is amiss is left out."""
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        return []
    unpacked = []
    for item in status.details if status else ():
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.BadRequest,
            error_details_pb2.RetryInfo,
        ):
            if item.Is(kind.DESCRIPTOR):
                detail = kind()
                item.Unpack(detail)
                unpacked.append(detail)
    return unpacked
