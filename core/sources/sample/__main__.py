"""`python -m core.sources.sample --to URL`: the sample shop in a database of your own."""

import argparse
import asyncio
import sys
from pathlib import Path

from core.errors import LevadaError
from core.sources.sample.copy import copy_to
from core.sources.sample.writing import ensure


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.sources.sample", description=__doc__)
    parser.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="sqlite:///FILE, duckdb:///FILE or postgresql://USER@HOST/DATABASE, with none of the shop's tables yet",
    )
    url = parser.parse_args().to
    try:
        if url.startswith("sqlite:///"):
            ensure(Path(url.removeprefix("sqlite:///")))
        else:
            asyncio.run(copy_to(url))
    except LevadaError as error:
        print(error.message, file=sys.stderr)
        return 1
    print("The sample shop is ready.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
