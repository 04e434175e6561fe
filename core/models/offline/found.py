"""Reads words that were found in the data: the column that holds them equals them."""

from core.models.offline import ir
from core.models.offline.chunks import Chunk
from core.models.offline.reader import Pending, Reader
from core.models.offline.saying import consume, say_compare, typed


def read_value(r: Reader) -> bool:
    """Read words found in the data: the column that holds them equals them."""
    chunk = r.here
    if not chunk.values:
        return _unfound(r, chunk)
    best = chunk.values[0]
    column = r.catalog.column(best.table, best.column)
    if column is None:
        return False
    said = next((p for p in reversed(r.pending[-3:]) if isinstance(p.expr, ir.Col) and p.expr.column == column), None)
    if said and (not said.projected or said.place >= r.place - 2) and _other_shown(r, said):
        r.pending.remove(said)
    head = r.head
    say_compare(r, ir.Col(column), "=", typed(ir.Col(column), best.value) if column.numeric else best.value)
    after = r.peek()
    r.head = head and bool(after and after.chosen.startswith("name"))
    r.take()
    return True


def _other_shown(r: Reader, said: Pending) -> bool:
    return not said.projected or r.head is False or any(p is not said and p.projected for p in r.pending)


def _unfound(r: Reader, chunk: Chunk) -> bool:
    """A quoted text that the index does not hold is compared with the column said before it."""
    if chunk.literal is not None and _full_name(r, chunk.literal):
        return True
    left = r.last_column()
    if chunk.literal is None or left is None or not isinstance(left.expr, ir.Col):
        return False
    r.penalties.append("value not found")
    r.take()
    consume(r, left)
    say_compare(r, left.expr, "=", typed(left.expr, chunk.literal))
    return True


def _full_name(r: Reader, literal: str) -> bool:
    """Read a quoted "Linda Smith" as the first and last name of one table's row."""
    parts = literal.split()
    if len(parts) != 2:
        return False
    for table in r.catalog.tables.values():
        if len(table.display) != 2:
            continue
        found = [
            next((m for m in r.lookup.find(part, 20) if m.table == table.id and m.column == column.name), None)
            for part, column in zip(parts, table.display, strict=True)
        ]
        if all(match is not None for match in found):
            for match, column in zip(found, table.display, strict=True):
                say_compare(r, ir.Col(column), "=", match.value if match else "")
            r.take()
            return True
    return False
