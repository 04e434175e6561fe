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

MOST_LISTED = 20


def beside(both: Both, one: exp.Query, other: exp.Query, catalog: Catalog) -> exp.Query:
    """Return what joins *one* and *other*, the parts of *both* as they are said over results. Raises CannotSay."""
    first = both.first.query
    shown = [(f"first.a{n}", first.select[n]) for n in range(both.keys, len(first.select))]
    columns = _titled([*_cells(shown, catalog), *_found(both, catalog)])
    meet = [f"first.a{n} IS NOT DISTINCT FROM second.b{n}" for n in range(both.before)]
    sql = (
        f"WITH first AS ({_sql(one, 'a')}), found AS ({_sql(other, 'b')}), ranked AS ({_ranked(both)}), "  # noqa: S608 - ours
        f"second AS ({_second(both, catalog)}) "
        f"SELECT {columns} FROM first LEFT JOIN second ON {' AND '.join(meet) or 'TRUE'}{_order(first)}"
    )
    return parse_one(sql, dialect=DIALECT)  # type: ignore[return-value]


def note(both: Both, catalog: Catalog) -> str:
    """Say, for people, how the second part is read, and which of what it finds is shown."""
    read = f"Of those that are meant: {Explainer(catalog).sentence(both.asked).lower()}"
    things = " and ".join(name for _, name in _things(both, catalog))
    if not things:
        return read
    if both.listed:
        return f"{read} Up to {MOST_LISTED} are listed, the most frequent first."
    beside_what = "each" if both.groups else "that"
    figure = title(both.second.query.select[both.before + both.things], catalog)
    return f"{read} Beside {beside_what} stands the {things} with the highest {figure}."


def _things(both: Both, catalog: Catalog) -> list[tuple[str, str]]:
    places = range(both.before, both.before + both.things)
    return _cells([(f"b{n}", both.second.query.select[n]) for n in places], catalog)


def _ranked(both: Both) -> str:
    """Write what finds the order of what each group has most of."""
    by = ", ".join(f"b{n}" for n in range(both.before))
    figure = both.before + both.things
    order = [f"b{figure} DESC", *(f"b{n}" for n in range(both.before, figure))]
    over = f"{'PARTITION BY ' + by if by else ''} ORDER BY {', '.join(order)}"
    return f"SELECT *, ROW_NUMBER() OVER ({over}) AS place FROM found"  # noqa: S608 - ours


def _second(both: Both, catalog: Catalog) -> str:
    """Write the choice of the one row that each group shows, or of the list of what there is."""
    if not both.listed:
        return "SELECT * FROM ranked WHERE place = 1"
    by = [f"b{n}" for n in range(both.before)]
    lists = [
        f"STRING_AGG(CAST({text} AS VARCHAR), ', ' ORDER BY place) AS c{n}"
        for n, (text, _) in enumerate(_things(both, catalog))
    ]
    groups = f" GROUP BY {', '.join(by)}" if by else ""
    return f"SELECT {', '.join([*by, *lists])} FROM ranked WHERE place <= {MOST_LISTED}{groups}"  # noqa: S608 - ours


def _found(both: Both, catalog: Catalog) -> list[tuple[str, str]]:
    """Return what is shown of the second part, with titles."""
    things = _things(both, catalog)
    if both.listed:
        return [(f"second.c{n}", name) for n, (_, name) in enumerate(things)]
    figures = [(f"second.b{n}", expr) for n, expr in enumerate(both.second.query.select)]
    return _cells(figures[both.before :], catalog)


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


def _titled(cells: Sequence[tuple[str, str]]) -> str:
    """Write *cells*, each under a title of its own."""
    taken: list[str] = []
    for _, name in cells:
        tries = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))]
        taken.append(next(one for one in tries if one not in taken))
    return ", ".join(f"{text} AS {_quoted(name)}" for (text, _), name in zip(cells, taken, strict=True))


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
