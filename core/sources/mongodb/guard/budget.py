"""How much one pipeline may ask for, wherever in it that stands."""

from core.errors import QueryRefused

MOST_STAGES = 60
MOST_JOINS = 8
MOST_LOOPS = 4
MOST_GROWTH = 100_000


class Budget:
    """Counts what a whole pipeline uses, also in its sub-pipelines. Its methods raise QueryRefused."""

    def __init__(self) -> None:
        self._stages = self._joins = self._loops = 0
        self._growth = 1

    def stage(self) -> None:
        self._stages += 1
        if self._stages > MOST_STAGES:
            raise QueryRefused("size", f"The query has more than {MOST_STAGES} stages. Ask for less at once.")

    def join(self) -> None:
        self._joins += 1
        if self._joins > MOST_JOINS:
            raise QueryRefused("joins", f"The query joins more than {MOST_JOINS} times. Ask for less at once.")

    def loop(self) -> None:
        """Count a pass over an array: within each other they multiply."""
        self._loops += 1
        if self._loops > MOST_LOOPS:
            raise QueryRefused(
                "size", f"More than {MOST_LOOPS} of $map and $reduce are not run. Use $unwind and $group."
            )

    def growth(self, parts: int) -> None:
        """Count a value put together from *parts*: chained, each multiplies what the one before it has made."""
        self._growth *= max(1, parts)
        if self._growth > MOST_GROWTH:
            raise QueryRefused("size", "The query puts texts or arrays together too often. Ask for their parts.")
