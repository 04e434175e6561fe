"""Values too long to be said as they are: cut, so that their row fits a message that every client takes."""

from typing import Any

from core.sources.base import Batch

CELL_BYTES = 1024 * 1024
# gRPC clients take messages of 4 MiB by default; the rest of the event needs little.
ROW_BYTES = 3 * 1024 * 1024


def shortened(row: Batch) -> tuple[Batch, list[int]]:
    """Return a batch of one row with its long texts and bytes cut, and which columns were."""
    sizes = [_size(values[0]) for values in row.columns]
    fits = sum(min(size, CELL_BYTES) for size in sizes) <= ROW_BYTES
    most = CELL_BYTES if fits else ROW_BYTES // len(sizes)
    cut = [index for index, size in enumerate(sizes) if size > most]
    columns = list(row.columns)
    for index in cut:
        columns[index] = [_start(columns[index][0], most)]
    return Batch(columns=columns, row_count=1), cut


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    return len(value) if isinstance(value, bytes) else 0


def _start(value: str | bytes, size: int) -> str | bytes:
    return value[:size] if isinstance(value, bytes) else value.encode()[:size].decode(errors="ignore")
