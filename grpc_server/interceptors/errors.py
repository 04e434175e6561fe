"""Errors as google.rpc.Status: the one place where an error of ours becomes what a gRPC caller gets."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2
from grpc_status import rpc_status

from core import telemetry
from core.errors import InvalidRequest, LevadaError, Reason
from grpc_server.interceptors.base import Call, Interceptor

log = logging.getLogger(__name__)

# Status travels in headers, which clients take up to 8 KiB of in all.
LONGEST_MESSAGE = 800
LONGEST_DETAIL = 200
RETRY_AFTER = 1.0


class Errors(Interceptor):
    """Answers errors by their status; what nobody foresaw is logged and answered as INTERNAL with its trace id."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        try:
            yield
        except grpc.aio.BaseError:  # the caller is gone, or was answered
            raise
        except Exception as error:  # noqa: BLE001 this is the door
            status = rpc_status.to_status(to_status(named(error, call.method)))
            try:
                await call.context.abort(status.code, status.details, status.trailing_metadata)
            except (grpc.aio.InternalError, grpc.aio.UsageError):  # the reader has left, or was told something already
                raise asyncio.CancelledError from None


def named(error: Exception, where: str) -> LevadaError:
    """Return *error* if it is one of ours, else log it and return the INTERNAL that stands for it."""
    if isinstance(error, LevadaError):
        return error
    trace_id = telemetry.trace_id()
    log.error("unexpected error in %s", where, exc_info=error)
    hint = f" The trace id {trace_id} finds it in the server's log." if trace_id else " The server's log says more."
    return LevadaError(
        f"Something failed in the server that should not have; the request was right.{hint}",
        details={"trace_id": trace_id} if trace_id else None,
    )


def reason(error: LevadaError) -> str:
    """Return the error's reason as programs get it: without prefix."""
    return Reason.Name(error.reason).removeprefix("ERROR_REASON_")


def to_status(error: LevadaError) -> status_pb2.Status:
    """Return *error* as a status with ErrorInfo, LocalizedMessage, and BadRequest and RetryInfo where they apply."""
    message = _shortened(error.message, LONGEST_MESSAGE)
    metadata = {key: _shortened(value, LONGEST_DETAIL) for key, value in error.details.items()}
    status = status_pb2.Status(code=error.code.value[0], message=message)
    status.details.add().Pack(details.ErrorInfo(reason=reason(error), domain="levada", metadata=metadata))
    status.details.add().Pack(details.LocalizedMessage(locale="en", message=message))
    if isinstance(error, InvalidRequest) and error.violations:
        status.details.add().Pack(_bad_request(error))
    if error.retryable:
        delay = Duration()
        delay.FromNanoseconds(int((error.retry_after or RETRY_AFTER) * 1e9))
        status.details.add().Pack(details.RetryInfo(retry_delay=delay))
    return status


def _bad_request(error: InvalidRequest) -> details.BadRequest:
    violation = details.BadRequest.FieldViolation
    return details.BadRequest(
        field_violations=[
            violation(field=field, description=_shortened(wrong, LONGEST_DETAIL), reason=reason(error))
            for field, wrong in error.violations.items()
        ]
    )


def _shortened(text: str, most: int) -> str:
    data = text.encode(errors="replace")
    return text if len(data) <= most else data[: most - 3].decode(errors="ignore") + "…"
