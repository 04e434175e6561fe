"""ExportRun: a table of a run as a file, piece by piece, as fast as the reader takes it and no faster."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from core.errors import InvalidRequest
from core.export import export
from core.identity import Principal
from core.runs import Runs
from core.settings import Limits
from levada.v1 import run_service_pb2 as pb

Write = Callable[[Sequence[bytes]], Awaitable[None]]


async def send(runs: Runs, limits: Limits, caller: Principal, wanted: pb.ExportRunRequest, write: Write) -> None:
    """Write the file that is *wanted* as serialised responses, the first one with what there is to know of it.

    Raises what `export` and *write* raise.
    """
    if wanted.format not in pb.ExportFormat.values():
        known = ", ".join(pb.ExportFormat.keys()[1:])
        raise InvalidRequest({"format": f"There is no format {wanted.format}; there is {known}."})
    file = await export(runs, limits, caller, wanted)
    async with aclosing(file.pieces) as pieces:
        first = pb.ExportRunResponse(
            data=await anext(pieces),
            content_type=file.content_type,
            file_name=file.file_name,
            read_time=file.read_time,
            rows=file.rows,
            truncated=file.truncated,
            message=file.message,
        )
        await write([first.SerializeToString()])
        async for data in pieces:
            if data:
                await write([pb.ExportRunResponse(data=data).SerializeToString()])
