"""`levada export`: a run's rows as a file, or down a pipe."""

import argparse
import sys
from contextlib import aclosing
from pathlib import Path

from google.protobuf import json_format

from levada.client import Client
from levada.errors import LevadaError
from levada.export import FORMATS, Export

ENDINGS = {f".{name}": name for name in FORMATS} | {".ndjson": "jsonl", ".arrows": "arrow"}


async def export(client: Client, arguments: argparse.Namespace) -> int:
    rows = client.export(arguments.run_id, format_of(arguments), arguments.table, for_spreadsheet=arguments.spreadsheet)
    if arguments.out == "-" or (not arguments.out and not sys.stdout.isatty()):
        async with aclosing(rows.__aiter__()) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        _tell(rows, await _saved(rows, arguments), arguments)
    if rows.about.truncated:
        print(f"levada: not all rows are in it: {rows.about.message}", file=sys.stderr)
    return 0


def format_of(arguments: argparse.Namespace) -> str:
    """Return the format that was named, or that the file's ending stands for. Raises LevadaError."""
    path = Path(arguments.out)
    ending = "" if arguments.out in {"", "-"} or path.is_dir() else path.suffix.lower()
    by_ending = ENDINGS.get(ending, "")
    if arguments.format and by_ending and by_ending != arguments.format:
        raise LevadaError(f"{path} ends in {ending}, yet --format says {arguments.format}. Leave --format away.")
    if ending and not by_ending and not arguments.format:
        raise LevadaError(f"{path}: no format ends in {ending}. Name one with --format ({', '.join(FORMATS)}).")
    return arguments.format or by_ending or "csv"


async def _saved(rows: Export, arguments: argparse.Namespace) -> Path:
    try:
        return await rows.save(arguments.out, overwrite=arguments.force)
    except FileExistsError as error:
        raise LevadaError(f"{error} Replace it with --force, or name another file with -o.") from None
    except OSError as error:
        raise LevadaError(f"{arguments.out or Path.cwd()} can't be written: {error.strerror or error}.") from None


def _tell(rows: Export, path: Path, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json_format.MessageToJson(rows.about, indent=None))
        return
    count = "1 row" if rows.about.rows == 1 else f"{rows.about.rows:,} rows"
    print(f"{path}: {count}, {rows.received:,} bytes")
