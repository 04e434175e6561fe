"""`python -m core.sources.sample`: the sample shop in a database of your own, and its siblings beside it."""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from core.errors import LevadaError
from core.sources.sample.copy import copy_to
from core.sources.sample.writing import ensure


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.sources.sample", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to",
        metavar="URL",
        help="sqlite:///FILE, duckdb:///FILE or postgresql://USER@HOST/DATABASE, with none of the shop's tables yet; "
        "mongodb://HOST/DATABASE gets the clicks on its pages",
    )
    what.add_argument(
        "--siblings",
        metavar="FOLDER",
        type=Path,
        help="folder for exchange rates, customers' feedback and their community; "
        "what to put into LEVADA_SOURCES is printed",
    )
    parser.add_argument(
        "--shop", metavar="FILE", type=Path, default=Path(".levada/shop.db"), help="the shop that they belong to"
    )
    parser.add_argument("--shop-url", metavar="URL", default="", help="where the shop is asked, if not in that file")
    arguments = parser.parse_args()
    try:
        print(_siblings(arguments) if arguments.siblings else _copied(arguments))
    except LevadaError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


def _copied(arguments: argparse.Namespace) -> str:
    url = arguments.to
    if url.startswith("sqlite:///"):
        ensure(Path(url.removeprefix("sqlite:///")))
    else:
        asyncio.run(copy_to(url, arguments.shop))
    return "The sample data is ready."


def _siblings(arguments: argparse.Namespace) -> str:
    from core.sources.sample.siblings import writing

    folder = writing.ensure(arguments.siblings, ensure(arguments.shop))
    return json.dumps(writing.sources(folder, arguments.shop_url))


if __name__ == "__main__":
    sys.exit(main())
