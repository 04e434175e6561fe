"""From and until when messages are wanted, as moments."""

import datetime
from dataclasses import dataclass

from core.errors import QueryRefused
from core.sources.slack.directory import Raw
from core.sources.slack.query import Day

_FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_LAST = datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC)
_DAY = datetime.timedelta(days=1)
_MARGIN = datetime.timedelta(days=2)
_THREADS = datetime.timedelta(days=30)
"""How long before a span threads may have begun whose replies in it are looked for."""


@dataclass(frozen=True)
class Span:
    """From *start* until before *end*; None is open."""

    start: datetime.datetime | None
    end: datetime.datetime | None

    def holds(self, moment: datetime.datetime) -> bool:
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    def may_hold_replies(self, message: Raw) -> bool:
        """Say whether the thread that *message* began goes on in this span."""
        last = message.get("latest_reply")
        return bool(message.get("reply_count")) and not (self.start and last and float(last) < self.start.timestamp())

    @property
    def of_threads(self) -> "Span":
        """The span in which threads begin that are looked at."""
        return Span(self.start - _THREADS if self.start else None, self.end)

    @property
    def for_history(self) -> dict[str, str]:
        """The bounds as conversations.history takes them."""
        edges = {"oldest": self.start, "latest": self.end}
        return {name: f"{edge.timestamp():.6f}" for name, edge in edges.items() if edge is not None}

    @property
    def for_search(self) -> str:
        """The bounds as search takes them: days, in whatever zone its user lives, so with room on both sides."""
        after = f" after:{(self.start - _MARGIN).date()}" if self.start else ""
        return after + (f" before:{(self.end + _MARGIN).date()}" if self.end else "")


def span(first: Day | None, last: Day | None) -> Span:
    """Return the moments of *first* and *last*, of which a day is meant whole. Raises QueryRefused."""
    start = None if first is None else _moment(first)
    end = None if last is None else _moment(last)
    if end is not None and not isinstance(last, datetime.datetime):
        end += _DAY
    if start is not None and end is not None and start > end:
        raise QueryRefused("date-range", f"date_from ({first}) is after date_to ({last}). Turn them round.")
    return Span(start, end)


def _moment(day: Day) -> datetime.datetime:
    """Years before and after Slack's time are as good as its first and last one, and fit into every sum."""
    if not isinstance(day, datetime.datetime):
        day = datetime.datetime.combine(day, datetime.time())
    moment = day if day.tzinfo else day.replace(tzinfo=datetime.UTC)
    return min(max(moment, _FIRST), _LAST)
