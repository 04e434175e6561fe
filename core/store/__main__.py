"""`python -m core.store upgrade` brings the tables of LEVADA_STORE up to date."""

import argparse
import asyncio
import sys

from core.errors import LevadaError
from core.startup import read_settings
from core.store import migrate, postgresql, sqlite
from core.store.faults import speaking


async def _upgrade(url: str) -> None:
    own = url.startswith("sqlite:")
    engine = (
        sqlite.engine(sqlite.path_of(url), writing=True) if own else postgresql.engine(url, writing=True, patient=True)
    )
    try:
        with speaking() if own else postgresql.opening():
            await migrate.upgrade(engine)
    finally:
        await engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m core.store", description="Look after the store of runs.")
    parser.add_argument("command", choices=["upgrade"], help="upgrade: bring the tables up to date")
    parser.parse_args()
    try:
        asyncio.run(_upgrade(read_settings().store))
    except LevadaError as error:
        print(error.message, file=sys.stderr)
        return 1
    print(f"The store's tables are at version {migrate.HEAD}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
