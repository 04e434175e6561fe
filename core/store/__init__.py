"""Where runs, events, checkpoints and the queue live: one database, chosen by URL scheme."""

from core.errors import StoreError
from core.store.base import Store
from core.store.sql import SqlStore


def open_store(url: str) -> Store:
    """Return the store at *url*: sqlite:///PATH, or postgresql://…; it is ready after its `open`."""
    if url.startswith("sqlite:"):
        return SqlStore(url)
    if url.startswith(("postgresql:", "postgres:")):
        return SqlStore("postgresql:" + url.partition(":")[2], shared=True)
    raise StoreError(f"LEVADA_STORE must begin with sqlite:/// or postgresql://, not {url.partition(':')[0]!r}.")


__all__ = ["Store", "open_store"]
