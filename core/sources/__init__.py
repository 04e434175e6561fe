"""Sources: what holds data and answers queries. `open_source` chooses one by the scheme of its URL."""

from core.sources.opening import open_source

__all__ = ["open_source"]
