"""The SQL that sets the second part of a question beside the first: for each group what there is most of."""

from collections.abc import Sequence

from sqlglot import exp, parse_one

from core.models.offline import ir
from core.models.offline.catalog import Catalog
from core.models.offline.cross.compound import Both
from core.models.offline.cross.joint import DIALECT
from core.models.offline.cross.titles import title
from core.models.offline.dialects import identifier
from core.models.offline.explain import Explainer
from core.models.offline.native import CannotSay


def beside(both: Both, one: exp.Query, other: exp.Query, catalog: Catalog) -> exp.Query:
    """Return what joins *one* and *other*, the parts of *both* as they are said over results. Raises CannotSay."""
    first, second = both.first.query, both.second.query
    before = both.keys + both.groups
    shown = [(f"first.a{n}", first.select[n]) for n in range(both.keys, len(first.select))]
    last = len(second.select) - both.hidden
    shown += [(f"second.b{n}", second.select[n]) for n in range(before, last)]
    columns = _columns(shown, catalog)
    meet = [f"first.a{n} IS NOT DISTINCT FROM second.b{n}" for n in range(before)]
    sql = (
        f"WITH first AS ({_sql(one, 'a')}), found AS ({_sql(other, 'b')}), second AS ({_most(both)}) "  # noqa: S608 - ours
        f"SELECT {columns} FROM first LEFT JOIN second ON {' AND '.join([*meet, 'second.place = 1'])}{_order(first)}"
    )
    return parse_one(sql, dialect=DIALECT)  # type: ignore[return-value]


def note(both: Both, catalog: Catalog) -> str:
    """Say, for people, how the second part is read, and which of what it finds is shown."""
    read = f"Of those that are meant: {Explainer(catalog).sentence(both.asked).lower()}"
    second = both.second.query.select
    if not both.things or both.hidden:
        return read
    before = both.keys + both.groups
    cells = _cells([("", expr) for expr in second[before : before + both.things]], catalog)
    things = " and ".join(name for _, name in cells)
    figure = title(second[before + both.things], catalog)
    return f"{read} Beside {'each' if both.groups else 'that'} stands the {things} with the highest {figure}."


def _most(both: Both) -> str:
    """Write the choice of the one row that each group shows."""
    before = both.keys + both.groups
    by = ", ".join(f"b{n}" for n in range(before))
    order = [f"b{before + both.things} DESC", *(f"b{n}" for n in range(before, before + both.things))]
    over = f"{'PARTITION BY ' + by if by else ''} ORDER BY {', '.join(order)}"
    return f"SELECT *, ROW_NUMBER() OVER ({over}) AS place FROM found"  # noqa: S608 - ours


def _sql(query: exp.Query, letter: str) -> str:
    if not isinstance(query, exp.Select):
        raise CannotSay("one part of the question is more than a question about the other's rows")
    shown = [exp.alias_(one.unalias(), f"{letter}{n}") for n, one in enumerate(query.selects)]
    query.set("expressions", shown)
    return query.sql(dialect=DIALECT)


def _order(first: ir.Query) -> str:
    places = [(first.select.index(expr), down) for expr, down in first.order if expr in first.select]
    said = ", ".join(f"first.a{place}{' DESC' if down else ''}" for place, down in places)
    return f" ORDER BY {said}" if said else ""


def _columns(shown: Sequence[tuple[str, ir.Expr]], catalog: Catalog) -> str:
    """Write the columns to be shown, each under a title of its own."""
    taken: list[str] = []
    written = []
    for text, name in _cells(shown, catalog):
        tries = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))]
        taken.append(next(one for one in tries if one not in taken))
        written.append(f"{text} AS {_quoted(taken[-1])}")
    return ", ".join(written)


def _cells(shown: Sequence[tuple[str, ir.Expr]], catalog: Catalog) -> list[tuple[str, str]]:
    """Return what is shown with its title: a name is called as what it names, the two names of a person are one."""
    found, ahead = [], list(shown)
    while ahead:
        place, expr = ahead.pop(0)
        table = catalog.tables[expr.column.table] if isinstance(expr, ir.Col) else None
        if table and ahead and [expr, ahead[0][1]] == [ir.Col(column) for column in table.display]:
            found.append((f"CONCAT_WS(' ', {place}, {ahead.pop(0)[0]})", " ".join(table.words)))
        elif table and isinstance(expr, ir.Col) and table.is_name(expr.column):
            found.append((place, " ".join(table.words)))
        else:
            found.append((place, title(expr, catalog)))
    return found


def _quoted(name: str) -> str:
    return identifier(name, DIALECT).sql(dialect=DIALECT)
