"""The order of reading: goes over the chunks of a question and gives each to the part of the grammar that reads it."""

from collections.abc import Callable

from core.models.offline import ir
from core.models.offline.aggregates import read_aggregate
from core.models.offline.chunks import Chunk
from core.models.offline.comparisons import read_comparison
from core.models.offline.conditions import read_like, read_number
from core.models.offline.cues import Cue
from core.models.offline.figures import read_count, read_growth, read_how_much, read_share, read_unit_asked
from core.models.offline.finish import finish
from core.models.offline.found import read_value
from core.models.offline.groups import UNITS, read_group
from core.models.offline.mentions import read_metric, read_name
from core.models.offline.ordering import read_order
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import say
from core.models.offline.superlatives import read_frequent, read_superlative
from core.models.offline.times import read_period

_ENDS = {"?", ".", ";", "!"}
_HEADLESS = {"in", "from", "at", "on", "during", "into", "to", "by", "within", "through"}


def read(r: Reader) -> ir.Query:
    """Read all chunks into one query. Raises Unread when a phrase that matters has no reading."""
    while r.now:
        place = r.place
        _step(r)
        if r.place == place:
            r.place += 1
    return finish(r)


def _step(r: Reader) -> None:
    chunk = r.here
    if chunk.chosen.startswith("name"):
        read_name(r)
    elif chunk.chosen == "cue":
        _read_cue(r, chunk)
    elif chunk.chosen == "metric":
        read_metric(r)
    elif chunk.chosen in ("value", "literal"):
        read_value(r)
    elif chunk.chosen == "period":
        read_period(r)
    elif chunk.chosen == "number":
        read_number(r)
    elif (unit := UNITS.get(chunk.text.lower())) and read_unit_asked(r, unit):
        return
    elif chunk.text in _ENDS:
        _sentence_ends(r)
    elif chunk.filler:
        r.take()


def _sentence_ends(r: Reader) -> None:
    """After a full stop, "give me their names" says anew what to show."""
    r.take()
    following = r.now
    if following is None:
        return
    if (
        following.chosen == "cue"
        and following.cue("lead")
        and any(later.chosen == "name:column" or later.cue("everything", "count") for later in r.chunks[r.place :])
    ):
        r.pending = [p for p in r.pending if not p.projected]
        r.head = True
        r.wanted = ()


def _read_cue(r: Reader, chunk: Chunk) -> None:
    for kind, handler in _HANDLERS.items():
        if (cue := chunk.cue(kind)) and handler(r, cue):
            return


def _skip(r: Reader, cue: Cue) -> bool:
    r.take()
    return True


def _lead(r: Reader, cue: Cue) -> bool:
    chunk = r.now
    if r.pending and chunk and chunk.cue("relative"):
        return False
    r.take()
    return True


def _asked(r: Reader, cue: Cue) -> bool:
    if r.pending or not r.head:
        return False
    r.wanted = cue.hints or r.wanted
    r.take()
    return True


def _aggregate(r: Reader, cue: Cue) -> bool:
    shown = any(p.projected and not ir.is_aggregate(p.expr) for p in r.pending)
    if cue.value in ("max", "min") and (not r.head or shown):
        return False
    return read_aggregate(r, cue.value)


def _superlative(r: Reader, cue: Cue) -> bool:
    """Read "the highest and lowest price" as figures, else as what rows are ranked by."""
    after, then = r.peek(), r.peek(2)
    listed = after is not None and (after.text == "," or after.cue("and") is not None)
    if listed and not cue.hints and r.head and not r.pending and then and then.cue("super", "aggregate", "and"):
        return read_aggregate(r, cue.value)
    return read_superlative(r, cue)


def _each(r: Reader, cue: Cue) -> bool:
    return read_group(r)


def _negate(r: Reader, cue: Cue) -> bool:
    r.negated = True
    r.leave_head()
    r.take()
    return True


def _but_not(r: Reader, cue: Cue) -> bool:
    r.negated, r.connector, r.excluded = True, "but", True
    r.leave_head()
    r.take()
    return True


def _flag(name: str) -> Callable[[Reader, Cue], bool]:
    def read_flag(r: Reader, cue: Cue) -> bool:
        setattr(r, name, True)
        r.take()
        return True

    return read_flag


def _and(r: Reader, cue: Cue) -> bool:
    r.connector = "and"
    r.take()
    if r.pending and not r.head and (chunk := r.now) and chunk.text.lower() in ("their", "its", "his", "her"):
        r.head = True
    return True


def _or(r: Reader, cue: Cue) -> bool:
    r.connector = "or"
    r.take()
    return True


def _relative(r: Reader, cue: Cue) -> bool:
    if r.place > 0 or r.pending:
        r.leave_head()
    r.take()
    return True


def _with(r: Reader, cue: Cue) -> bool:
    """After "with", a figure that nothing is compared to is shown: "each company with its number of stations"."""
    r.take()
    r.leave_head()
    return True


def _preposition(r: Reader, cue: Cue) -> bool:
    chunk = r.here
    low = chunk.text.lower()
    before = r.peek(-1)
    done_by = before is not None and before.text.lower().endswith(("ed", "en")) and not before.metric
    grouping = low == "by" and not done_by and any(ir.is_aggregate(p.expr) for p in r.pending)
    after = r.peek() if grouping else None
    if after and (after.chosen.startswith("name") or after.text.lower() in UNITS):
        return read_group(r)
    r.take()
    if low in _HEADLESS and r.pending:
        r.leave_head()
    return True


def _everything(r: Reader, cue: Cue) -> bool:
    r.everything = True
    r.take()
    return True


def _verb(r: Reader, cue: Cue) -> bool:
    """Read "that cost": the column that such a verb is about waits for a comparison."""
    column = r.hinted(cue.hints, r.focus)
    r.leave_head()
    if column:
        r.pending.append(Pending(ir.Col(column), r.place, False))
    r.take()
    return True


def _missing(r: Reader, cue: Cue) -> bool:
    """Read "with missing phone", "whose phone is unknown"."""
    after = r.peek()
    last = r.last_column()
    if after and after.chosen == "name:column" and after.column:
        r.take(2)
        say(r, ir.IsNull(after.column))
    elif last and isinstance(last.expr, ir.Col):
        r.take()
        r.pending.remove(last)
        say(r, ir.IsNull(last.expr.column))
    else:
        return False
    return True


_HANDLERS: dict[str, Callable[[Reader, Cue], bool]] = {
    "growth": read_growth,
    "share": read_share,
    "order": read_order,
    "frequent": read_frequent,
    "count": read_count,
    "each": _each,
    "compare": read_comparison,
    "time": read_comparison,
    "like": read_like,
    "aggregate": _aggregate,
    "super": _superlative,
    "but_not": _but_not,
    "negate": _negate,
    "both": _flag("both"),
    "either": _flag("either"),
    "ask_time": _asked,
    "ask_place": _asked,
    "ask_price": read_how_much,
    "ask_measure": _asked,
    "ask_name": _asked,
    "lead": _lead,
    "distinct": _flag("distinct"),
    "everything": _everything,
    "and": _and,
    "or": _or,
    "but": _skip,
    "kind": _skip,
    "versus": _skip,
    "verb": _verb,
    "missing": _missing,
    "relative": _relative,
    "with": _with,
    "preposition": _preposition,
}
