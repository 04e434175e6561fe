"""Where runs, events, checkpoints and the queue live: one database, chosen by URL scheme."""

from core.errors import StoreError
from core.store import postgresql
from core.store.base import Store
from core.store.sql import SqlStore


def open_store(url: str, readers: int = postgresql.READERS, overflow: int = 0) -> Store:
    """Return the store at *url*: sqlite:///PATH, or postgresql://…; it is ready after its `open`.

    PostgreSQL is read over *readers* connections, and up to *overflow* more while all of these are in use.
    """
    if url.startswith("sqlite:"):
        return SqlStore(url)
    if url.startswith(("postgresql:", "postgres:")):
        return SqlStore("postgresql:" + url.partition(":")[2], shared=True, readers=readers, overflow=overflow)
    raise StoreError(f"LEVADA_STORE must begin with sqlite:/// or postgresql://, not {url.partition(':')[0]!r}.")


__all__ = ["Store", "open_store"]
