"""The command `knowledge`: add documents to be searched, list them, remove them. Files are read here, and sent."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from google.protobuf import json_format

from levada.cli.clean import clean
from levada.client import Client
from levada.errors import CallFailed
from levada.v1 import knowledge_service_pb2 as pb

ENDINGS = (".md", ".markdown", ".txt", ".text", ".rst", ".html", ".htm", ".xhtml", ".pdf")


async def knowledge(client: Client, arguments: argparse.Namespace) -> int:
    if (arguments.action == "list") == bool(arguments.names):
        wants = "takes no names" if arguments.names else "wants to know what: files and folders, or documents' names"
        print(f"levada: `levada knowledge {arguments.action}` {wants}", file=sys.stderr)
        return 2
    return await {"add": _add, "list": _list, "remove": _remove}[arguments.action](client, arguments)


async def _add(client: Client, arguments: argparse.Namespace) -> int:
    """Add every file that was named or stands in a folder; one that can't be keeps none of the others out."""
    failed, found = 0, 0
    for given in arguments.names:
        path = _path(given)
        for name, file in _documents(path):
            found += 1
            try:
                told = await client.add_document(name, file.read_bytes())
            except CallFailed as error:
                if error.lost:
                    raise
                said = str(error)
                failed += _complain(said if said.startswith(name) else f"{name}: {said}")
            except OSError as error:
                failed += _complain(f"{file}: {error.strerror}")
            except UnicodeEncodeError:
                failed += _complain(f"{name!a}: its name is not in UTF-8, so it can't be sent. Rename it")
            else:
                _tell(told, as_json=arguments.json)
        if not path.exists():
            failed += _complain(f"{given}: there is no such file or folder")
    if not found and not failed:
        failed = _complain(f"there are no documents there: files ending in {', '.join(ENDINGS)}")
    return 1 if failed else 0


async def _list(client: Client, arguments: argparse.Namespace) -> int:
    documents = await client.documents()
    if arguments.json:
        for one in documents:
            print(json_format.MessageToJson(one, indent=None))
        return 0
    for one in documents:
        added = one.added_at.ToDatetime().strftime("%Y-%m-%d %H:%M")
        print(clean(f"{one.name}  {one.kind}, {_size(one.bytes)}, {_passages(one.passages)}, added {added} UTC"))
    if not documents:
        print("There are no documents. Add some: levada knowledge add FOLDER")
    return 0


async def _remove(client: Client, arguments: argparse.Namespace) -> int:
    failed = 0
    for name in arguments.names:
        try:
            await client.remove_document(name)
        except CallFailed as error:
            if error.lost:
                raise
            failed += _complain(str(error))
        else:
            print(clean(f"{name}: removed"))
    return 1 if failed else 0


def _path(given: str) -> Path:
    """Return the path on this machine that was *given*, perhaps as file://PATH."""
    return Path(unquote(urlsplit(given).path)) if given.startswith("file://") else Path(given).expanduser()


def _documents(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the documents at *path* with their names: a file's own, and below a folder with the folder's."""
    if not path.is_dir():
        if path.exists():
            yield path.name, path
        return
    home = path.resolve().name
    for where, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(where) / name
            if file.suffix.lower() in ENDINGS and file.is_file():
                yield f"{home}/{file.relative_to(path).as_posix()}", file


def _tell(told: pb.AddDocumentResponse, *, as_json: bool) -> None:
    one = told.document
    if as_json:
        print(json_format.MessageToJson(told, indent=None), flush=True)
        return
    word = "replaced" if told.replaced else "added"
    print(clean(f"{one.name}: {word}, {_passages(one.passages)} of {_size(one.bytes)}"), flush=True)


def _passages(count: int) -> str:
    return f"{count:,} passage{'s' if count != 1 else ''}"


def _size(size: int) -> str:
    return f"{size:,} bytes" if size < 10_000 else f"{size / 1_000:,.0f} kB"


def _complain(said: str) -> int:
    print(clean(f"levada: {said}"), file=sys.stderr, flush=True)
    return 1
