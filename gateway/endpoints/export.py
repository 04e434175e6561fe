"""A run's rows as a file to download. It is passed on as it comes; one that breaks off never looks whole."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import grpc
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core import telemetry
from gateway import problems
from gateway.connection import Connection
from gateway.operations import Operation, Parameter
from gateway.problems import invalid
from gateway.upstream import Upstream
from levada.v1 import run_service_pb2 as pb

log = logging.getLogger(__name__)

FORMATS: dict[str, Any] = {
    name.removeprefix("EXPORT_FORMAT_").lower(): number for name, number in pb.ExportFormat.items() if number
}
PARAMETERS = (
    Parameter("format", f"One of {', '.join(FORMATS)}; csv when left out."),
    Parameter("table", "Id of the table (TableStarted.tableId); the run's last one when left out."),
    Parameter(
        "spreadsheet",
        "true makes a CSV file safe to open in a spreadsheet: texts that it would take for a "
        "formula get a ' in front, and a byte order mark says that it is UTF-8.",
        kind="boolean",
    ),
)
MEDIA = ("text/csv", "application/jsonl", "application/vnd.apache.parquet", "application/vnd.apache.arrow.stream")


class Export:
    def __init__(self, upstream: Upstream, write_seconds: float) -> None:
        self._upstream = upstream
        self._write_seconds = write_seconds

    def operations(self) -> list[Operation]:
        summary = (
            "Download the rows of a table of a run. The headers Levada-Rows, Levada-Truncated and Last-Modified say "
            "how many rows it has, whether the source had more, and when they were read. A file whose connection "
            "was cut is not whole."
        )
        return [
            Operation(
                "GET",
                "/v1/runs/{run_id}/export",
                summary,
                self._export,
                parameters=PARAMETERS,
                media=", ".join(MEDIA),
            )
        ]

    async def _export(self, request: Request) -> ASGIApp:
        asked = pb.ExportRunRequest(
            run_id=request.path_params["run_id"],
            format=chosen(request.query_params.get("format", "csv")),
            table_id=request.query_params.get("table", ""),
            for_spreadsheet=truth(request.query_params.get("spreadsheet", ""), "spreadsheet"),
        )
        parent = telemetry.traceparent()
        call = self._upstream.runs.ExportRun(asked, metadata=(("traceparent", parent),) if parent else ())
        try:
            first = await call.read()
        except grpc.aio.AioRpcError as error:
            raise problems.of_rpc_error(error) from None
        except BaseException:
            call.cancel()
            raise
        return File(call, first, self._write_seconds)


class File:
    """Answers with a file whose *first* piece is there already; the rest is read from *call* as it is taken."""

    def __init__(self, call: Any, first: pb.ExportRunResponse, write_seconds: float) -> None:
        self._call = call
        self._first = first
        self._write_seconds = write_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["levada.connection"]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers(self._first)})
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body"})
                return
            async with aclosing(self._pieces()) as pieces:
                async for data in pieces:
                    if connection.gone:
                        return
                    # Waits until the reader has taken most of what went before.
                    async with asyncio.timeout(self._write_seconds):
                        await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body"})
        except (grpc.aio.AioRpcError, TimeoutError) as error:
            # Without a last piece the server closes the connection, and the reader knows that the file is not whole.
            log.warning(
                "an export was cut: %s", error.details() if isinstance(error, grpc.aio.AioRpcError) else "stalled"
            )
        finally:
            self._call.cancel()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        yield self._first.data
        while isinstance(piece := await self._call.read(), pb.ExportRunResponse):
            yield piece.data


def headers(first: pb.ExportRunResponse) -> list[tuple[bytes, bytes]]:
    said = {
        "content-type": first.content_type,
        "content-disposition": f'attachment; filename="{first.file_name}"',
        "last-modified": first.read_time.ToDatetime().strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "levada-rows": str(first.rows),
        "levada-truncated": "true" if first.truncated else "false",
    }
    return [(name.encode(), value.encode("ascii", "replace")) for name, value in said.items()]


def chosen(name: str) -> Any:
    if name not in FORMATS:
        raise invalid("format", f"There is no format {name[:50]!r}; there is {', '.join(FORMATS)}.")
    return FORMATS[name]


def truth(word: str, name: str) -> bool:
    if word not in ("", "true", "false"):
        raise invalid(name, f"{name} must be true or false.")
    return word == "true"
