"""Reads what a superlative, an order or a comparison is about."""

from core.models.offline import ir
from core.models.offline.aggregates import read_aggregate
from core.models.offline.catalog import Column
from core.models.offline.chunks import Chunk
from core.models.offline.counting import count_here
from core.models.offline.found import read_value
from core.models.offline.reader import Reader


def read_measure(r: Reader) -> ir.Expr | None:
    """Read what a superlative, an order or a comparison is about."""
    r.skip_fillers()
    chunk = r.now
    if chunk is None:
        return None
    before = len(r.pending)
    if chunk.metric and chunk.chosen == "metric":
        r.take()
        return chunk.metric
    if chunk.chosen == "value" and (later := r.peek()) and later.chosen.startswith("name"):
        read_value(r)
        return read_measure(r)
    if (
        not chunk.chosen
        and not chunk.filler
        and chunk.text.isalpha()
        and (later := r.peek())
        and later.chosen == "name:table"
    ):
        r.place += 1
        return read_measure(r)
    if chunk.chosen == "cue":
        if chunk.cue("count") and count_here(r, True) and len(r.pending) > before:
            return r.pending.pop().expr
        if (cue := chunk.cue("aggregate")) and read_aggregate(r, cue.value) and len(r.pending) > before:
            return r.pending.pop().expr
        if chunk.cue("distinct"):
            r.take()
            return read_measure(r)
        return None
    if chunk.chosen == "name:table":
        return _of_table(r, chunk)
    if chunk.chosen == "name:column" and chunk.column:
        r.take()
        if measurable(chunk.column) or chunk.column.kind == "date" or _figures(chunk.column):
            return ir.Col(chunk.column)
        table = r.catalog.tables[chunk.column.table]
        if chunk.column in table.display or chunk.column.identifying:
            r.need(table)
            return ir.Agg("count", ir.Star(table.id))
        return ir.Agg("count", ir.Col(chunk.column))
    return None


def _of_table(r: Reader, chunk: Chunk) -> ir.Expr:
    table, own = chunk.tables[0].element, chunk.column
    r.need(table)
    r.take()
    if own and own.table == table.id and own.numeric and chunk.text.lower() in own.words:
        return ir.Col(own)  # reviews may be called ratings: "by rating" is by theirs, "by ratings" by their number
    return ir.Agg("count", ir.Star(table.id))


def measurable(column: Column) -> bool:
    return column.kind in ("number", "date", "time") and not column.identifying


def _figures(column: Column) -> bool:
    """Say whether a text column holds figures all the same."""
    return column.kind == "text" and bool(column.samples) and all(sample[:1].isdigit() for sample in column.samples)
