"""Puts what was read together into one query: what is selected, which conditions join how, what is denied."""

from core.models.offline import ir
from core.models.offline.catalog import Table
from core.models.offline.combining import (
    _compared_periods,
    _compared_values,
    _count_of_groups,
    _portion,
    combined,
    same_column,
)
from core.models.offline.denials import denied
from core.models.offline.ranking import rank_each_once
from core.models.offline.reader import Pending, Reader, Said, Unread
from core.models.offline.render import condition_tables, tables_of


def finish(r: Reader) -> ir.Query:
    """Return the whole query. Raises Unread."""
    query = r.query
    r.subject = r.subject or r.owner
    _select(r)
    _group(r)
    _where(r)
    _compared_periods(r)
    _compared_values(r)
    _count_of_groups(r)
    _portion(r)
    _counts_asked(r)
    _figure_of_the_rank(r)
    rank_each_once(r)
    _known_only(r)
    _drop_needless(r)
    _whole_rows(r)
    if not query.select:
        raise Unread("nothing to show")
    if query.distinct and len(query.select) == 1 and isinstance(query.select[0], ir.Star):
        query.distinct = False
    return query


def _select(r: Reader) -> None:
    query = r.query
    shown = [p for p in r.pending if p.projected]
    columns = [p for p in shown if not p.entity]
    entities = [p for p in shown if p.entity]
    if r.everything and (r.subject or entities):
        table = r.subject.id if r.subject else star_of(entities[0]).table
        query.select = [ir.Star(table)]
        return
    for pending in shown:
        if pending.entity:
            if _needs_showing(r, pending, columns):
                query.select.extend(naming(r, r.catalog.tables[star_of(pending).table]))
        else:
            query.select.append(pending.expr)
    if r.wanted and (column := r.hinted(r.wanted, r.focus)) and not columns:
        query.select = [ir.Col(column)]
    if query.select and not any(ir.is_aggregate(e) for e in query.select):
        query.select.extend(p.expr for p in r.pending if ir.is_aggregate(p.expr) and not p.projected)
    if not query.select:
        loose = [p for p in r.pending if ir.is_aggregate(p.expr)]
        if loose:
            query.select.extend(p.expr for p in loose)
        elif r.subject:
            query.select.extend(naming(r, r.subject))
        else:
            query.select.extend(p.expr for p in r.pending)
    query.select = list(dict.fromkeys(query.select))
    if r.distinct and not any(ir.is_aggregate(e) for e in query.select):
        query.distinct = True


def _whole_rows(r: Reader) -> None:
    """Show all of rows that have nothing but a number for a name, when nothing else was asked of them."""
    query, table = r.query, r.subject
    if table is None or r.pending or set(query.needs) - {table.id}:
        return
    if any((query.where, query.group, query.having, query.order, query.limit)):
        return
    if table.display == table.primary_columns and query.select == [ir.Col(column) for column in table.display]:
        query.select = [ir.Star(table.id)]


def star_of(pending: Pending) -> ir.Star:
    if not isinstance(pending.expr, ir.Star):
        raise Unread("an entity that is no table's rows")
    return pending.expr


def _needs_showing(r: Reader, entity: Pending, columns: list[Pending]) -> bool:
    """An entity is shown by its name unless columns of it were asked for."""
    table = star_of(entity).table
    if r.wanted and columns:
        return False
    for pending in columns:
        column = pending.expr.column if isinstance(pending.expr, ir.Col) else None
        if column is None or column.table != table:
            continue
        if pending.place < entity.place or column in r.catalog.tables[table].display:
            return False
    return True


def naming(r: Reader, table: Table) -> list[ir.Expr]:
    if not table.display:
        raise Unread(f"no column of {table.name} names its rows")
    if table.display == table.primary_columns:
        # A row that extends one elsewhere (a gymnast is a person) has its name there.
        for key in r.catalog.keys:
            other = r.catalog.tables[key.to_table]
            extends = key.table == table.id and key.column == table.display[0].name and other is not table
            if extends and other.display != other.primary_columns:
                return [ir.Col(column) for column in other.display]
    return [ir.Col(column) for column in table.display]


def _group(r: Reader) -> None:
    query = r.query
    measured = any(ir.is_aggregate(e) for e in query.select) or any(ir.is_aggregate(e) for e, _ in query.order)
    groups: list[ir.Expr] = []
    for expr in r.groups:
        if isinstance(expr, ir.Star):
            table = r.catalog.tables[expr.table]
            if not any(isinstance(e, ir.Col) and e.column.table == table.id for e in query.select):
                groups.extend(naming(r, table))
            r.need(table)
        else:
            groups.append(expr)
    if not measured:
        if groups and r.groups and all(isinstance(e, ir.Star) for e in r.groups) and query.select:
            return
        query.select = list(dict.fromkeys([*query.select, *groups])) if not query.order else query.select
        return
    if any(ir.is_aggregate(e) for e in query.select):
        query.select = list(dict.fromkeys([*groups, *query.select]))
    else:
        query.group.extend(groups)
    if any(isinstance(e, ir.Bucket) for e in groups) and not query.order:
        query.order = [(e, False) for e in groups if isinstance(e, ir.Bucket)]


def _where(r: Reader) -> None:
    query = r.query
    said = []
    while r.conditions:
        said.append(denied(r, r.conditions.pop(0)))
    having = [one for one in said if ir.compares_figure(one.condition)]
    plain = [one for one in said if not ir.compares_figure(one.condition)]
    alternatives = len(having) > 1 and any(one.connector == "or" for one in having[1:])
    conditions = [one.condition for one in having]
    query.having = [ir.Either(tuple(conditions))] if alternatives else conditions
    if combined(r, plain):
        return
    parts: list[list[Said]] = []
    for one in plain:
        same = parts and same_column(parts[-1][-1], one) and one.connector != "but"
        if parts and (one.connector == "or" or (same and _equalities(parts[-1][-1], one))):
            parts[-1].append(one)
        else:
            parts.append([one])
    for part in parts:
        if len(part) == 1:
            query.where.append(part[0].condition)
        elif all(_is_not(one) for one in part):
            query.where.extend(one.condition for one in part)
        else:
            either = ir.Either(tuple(one.condition for one in part))
            query.where.append(either)
            if all(one.connector == "and" for one in part[1:]):
                r.compared.append(either)


def _is_not(one: Said) -> bool:
    return (isinstance(one.condition, ir.Compare) and one.condition.op == "!=") or (
        isinstance(one.condition, ir.Member) and one.condition.negated
    )


def _equalities(one: Said, other: Said) -> bool:
    return all(isinstance(s.condition, ir.Compare) and s.condition.op == "=" for s in (one, other))


def _counts_asked(r: Reader) -> None:
    """ "How many customers ordered more than 10 times" asks for their number, whatever the reading showed."""
    query = r.query
    if (
        not (r.chunks and r.chunks[0].chosen == "cue" and r.chunks[0].cue("count"))
        or query.counted
        or query.combined
        or query.order
    ):
        return
    keys = r.subject.primary_columns if r.subject else ()
    if any(map(ir.is_aggregate, query.select)) or len(keys) != 1 or not query.having:
        return
    key: ir.Expr = ir.Col(keys[0])
    query.select, query.group, query.distinct, query.counted = [key], [key], False, True


def _figure_of_the_rank(r: Reader) -> None:
    """In "which country has the most customers and how many" the number is of customers, not of countries."""
    query = r.query
    ranked = query.order[0][0] if query.order else None
    if not isinstance(ranked, ir.Agg) or ranked.function != "count" or not isinstance(ranked.of, ir.Star):
        return
    shown = {e.column.table for e in query.select if isinstance(e, ir.Col)} - {ranked.of.table}
    own = [ir.Agg("count", ir.Star(table)) for table in shown]
    query.select = list(dict.fromkeys(ranked if expr in own else expr for expr in query.select))


def _known_only(r: Reader) -> None:
    """The oldest customer is one whose age is known: rows without it stay out where they would come first."""
    query = r.query
    if not query.limit or query.group or any(map(ir.is_aggregate, query.select)):
        return
    for expr, down in query.order:
        first = down if r.catalog.dialect == "postgres" else not down and r.catalog.dialect != "duckdb"
        if isinstance(expr, ir.Col) and expr.column.nullable and first:
            query.where.append(ir.IsNull(expr.column, negated=True))


def _drop_needless(r: Reader) -> None:
    """A table mentioned only as the subject's own name, or only inside a denial, takes no part."""
    used = {t for e in r.query.select for t in tables_of(e)}
    used |= {t for c in r.query.where for t in condition_tables(c)}
    if not used and r.subject:
        r.need(r.subject)
