"""Puts what was read together into one query: what is selected, which conditions join how, what is denied."""

from core.models.offline import ir
from core.models.offline.catalog import Column, Table
from core.models.offline.joins import Unjoinable
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
    _drop_needless(r)
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
        table = r.subject.id if r.subject else _star(entities[0]).table
        query.select = [ir.Star(table)]
        return
    for pending in shown:
        if pending.entity:
            if _needs_showing(r, pending, columns):
                query.select.extend(_naming(r, r.catalog.tables[_star(pending).table]))
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
            query.select.extend(_naming(r, r.subject))
        else:
            query.select.extend(p.expr for p in r.pending)
    query.select = list(dict.fromkeys(query.select))
    if r.distinct and not any(ir.is_aggregate(e) for e in query.select):
        query.distinct = True


def _star(pending: Pending) -> ir.Star:
    assert isinstance(pending.expr, ir.Star)
    return pending.expr


def _needs_showing(r: Reader, entity: Pending, columns: list[Pending]) -> bool:
    """An entity is shown by its name unless columns of it were asked for."""
    table = _star(entity).table
    for pending in columns:
        if isinstance(pending.expr, ir.Col) and pending.expr.column.table == table:
            if pending.place < entity.place or pending.expr.column in r.catalog.tables[table].display:
                return False
    return True


def _naming(r: Reader, table: Table) -> list[ir.Expr]:
    if not table.display:
        raise Unread(f"no column of {table.name} names its rows")
    if table.display == table.primary_columns:
        # A row that extends one elsewhere (a gymnast is a person) has its name there.
        for key in r.catalog.keys:
            if key.table == table.id and key.column == table.display[0].name and key.to_table != table.id:
                if (other := r.catalog.tables[key.to_table]).display != other.primary_columns:
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
                groups.extend(_naming(r, table))
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
        said.append(_denied(r, r.conditions.pop(0)))
    having = [one for one in said if _measures(one.condition)]
    plain = [one for one in said if not _measures(one.condition)]
    alternatives = len(having) > 1 and any(one.connector == "or" for one in having[1:])
    conditions = [one.condition for one in having]
    query.having = [ir.Any_(tuple(conditions))] if alternatives else conditions
    if _set_operation(r, plain):
        return
    parts: list[list[Said]] = []
    for one in plain:
        same = parts and _same_column(parts[-1][-1], one) and one.connector != "but"
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
            either = ir.Any_(tuple(one.condition for one in part))
            query.where.append(either)
            if all(one.connector == "and" for one in part[1:]):
                r.compared.append(either)


def _compared_periods(r: Reader) -> None:
    """Two periods of one date are compared, not both demanded of one row."""
    query = r.query
    spans = [c for c in query.where if isinstance(c, ir.Within) and c.unit]
    if len(spans) < 2 or len({c.column for c in spans}) > 1 or len({c.unit for c in spans}) > 1 or len(set(spans)) < 2:
        return
    query.where = [c for c in query.where if c not in spans] + [ir.Any_(tuple(spans))]
    if any(ir.is_aggregate(e) for e in query.select) and not any(isinstance(e, ir.Bucket) for e in query.select):
        bucket = ir.Bucket(spans[0].column, spans[0].unit)
        query.select.insert(0, bucket)
        query.order.append((bucket, False))


def _compared_values(r: Reader) -> None:
    """The average "for male and female students" is asked for each of the two."""
    query = r.query
    if len(query.select) != 1 or not any(ir.is_aggregate(e) for e in query.select) or query.group or query.combined:
        return
    for condition in query.where:
        if isinstance(condition, ir.Any_) and condition in r.compared:
            left = condition.parts[0].left if isinstance(condition.parts[0], ir.Compare) else None
            if isinstance(left, ir.Col):
                query.select.append(left)
                return


def _count_of_groups(r: Reader) -> None:
    """ "How many cities have more than 3 airports" counts groups, not rows."""
    query = r.query
    counts = len(query.select) == 1 and isinstance(query.select[0], ir.Agg) and query.select[0].function == "count"
    if not query.having or not counts or query.group or query.combined:
        return
    of = query.select[0].of  # type: ignore[union-attr]
    keys = r.catalog.tables[of.table].primary_columns if isinstance(of, ir.Star) else (of.column,)  # type: ignore[union-attr]
    if len(keys) != 1:
        raise Unread("groups without a key")
    query.select, query.group, query.counted = [ir.Col(keys[0])], [ir.Col(keys[0])], True


def _portion(r: Reader) -> None:
    """ "What percentage of orders is cancelled": conditions count instead of narrowing; times still narrow."""
    if r.portion is None:
        return
    query = r.query
    counted = [c for c in query.where if not isinstance(c, ir.Within)]
    if not counted:
        raise Unread("a percentage of what?")
    query.where = [c for c in query.where if isinstance(c, ir.Within)]
    query.select = [ir.Portion(r.portion.id, counted[0] if len(counted) == 1 else ir.All_(tuple(counted)))]


def _is_not(one: Said) -> bool:
    return (
        (isinstance(one.condition, ir.Compare)
        and one.condition.op == "!=")
        or (isinstance(one.condition, ir.Member) and one.condition.negated)
    )


def _measures(condition: ir.Condition) -> bool:
    return isinstance(condition, ir.Compare) and ir.is_aggregate(condition.left)


def _same_column(one: Said, other: Said) -> bool:
    left = one.condition.left if isinstance(one.condition, ir.Compare) else None
    right = other.condition.left if isinstance(other.condition, ir.Compare) else None
    return left is not None and left == right


def _equalities(one: Said, other: Said) -> bool:
    return all(isinstance(s.condition, ir.Compare) and s.condition.op == "=" for s in (one, other))


def _exclude_each_other(one: Said, other: Said) -> bool:
    """Say whether no single row can meet both: more than 100 and less than 50."""
    a, b = one.condition, other.condition
    if not (isinstance(a, ir.Compare) and isinstance(b, ir.Compare)):
        return False
    if not all(isinstance(c.right, int | float) for c in (a, b)):
        return False
    low, high = (a, b) if a.op in (">", ">=") else (b, a)
    return low.op in (">", ">=") and high.op in ("<", "<=") and low.right >= high.right


def _set_operation(r: Reader, plain: list[Said]) -> bool:
    """Read "both A and B" as two queries of which the rows in common count, where one row can't be both."""
    pair = next(((a, b) for a, b in zip(plain, plain[1:], strict=False)
                 if b.connector == "and" and _same_column(a, b) and (a.both or b.both or _exclude_each_other(a, b))), None)  # fmt: skip
    if pair is None or r.query.order or r.query.having or r.query.group:
        return False
    rest = [one.condition for one in plain if one not in pair]
    query = r.query
    select = query.select
    counting = len(select) == 1 and isinstance(select[0], ir.Agg) and select[0].function == "count"
    if counting:
        of = select[0].of
        key = r.catalog.tables[of.table].primary_columns if isinstance(of, ir.Star) else (of.column,)  # type: ignore[union-attr]
        if len(key) != 1:
            return False
        select = [ir.Col(key[0])]
        query.counted = True
    if any(ir.is_aggregate(e) for e in select):
        return False
    first, second = pair
    query.select, query.where = select, [*rest, first.condition]
    query.combined = (
        "INTERSECT",
        ir.Query(select=list(select), where=[*rest, second.condition], needs=list(query.needs)),
    )
    return True


def _denied(r: Reader, said: Said) -> Said:
    """Turn a denied condition on rows elsewhere into "is not among": customers not in Germany's orders."""
    condition = said.condition
    if r.subject is None:
        return said
    if isinstance(condition, ir.Raw) and said.negated and not condition.sql:
        table = r.catalog.tables[condition.tables[0]]
        inner = _take_inner(r, said, table)
        shown = _shown_tables(r)
        later = [t for t in r.query.needs if r.needed.get(t, -1) > said.place and t not in shown and t != r.subject.id]
        r.query.needs = [t for t in r.query.needs if t not in later]
        member = _not_among(r, [table.id, *later], inner)
        if table.id in r.query.needs:
            r.query.needs.remove(table.id)
        said.condition = member
        return said
    if isinstance(condition, ir.Compare) and condition.op in ("!=", "not like") and r.subject and said.place:
        tables = [t for t in condition_tables(condition) if t != r.subject.id]
        if tables and not ir.is_aggregate(condition.left) and _many(r, tables[0]):
            positive = ir.Compare(condition.left, "=" if condition.op == "!=" else "like", condition.right)
            between = [t for t in r.query.needs if t != r.subject.id]
            said.condition = _not_among(r, [tables[0]], [positive])
            r.query.needs = [t for t in r.query.needs if t not in between or t in _shown_tables(r)]
    return said


def _shown_tables(r: Reader) -> set[str]:
    shown = {t for e in r.query.select for t in tables_of(e)}
    return shown | {t for e, _ in r.query.order for t in tables_of(e)}


def _take_inner(r: Reader, said: Said, table: Table) -> list[ir.Condition]:
    """Conditions said after a denied table, on that table, belong inside: "no orders in 2024"."""
    inner = []
    assert r.subject
    for other in list(r.conditions):
        if other.place <= said.place or _measures(other.condition) or isinstance(other.condition, ir.Raw):
            continue
        tables = set(condition_tables(other.condition))
        if r.subject.id not in tables and other.connector == "and":
            inner.append(other.condition)
            r.conditions.remove(other)
    return inner


def _many(r: Reader, table: str) -> bool:
    """Say whether a row of the subject may meet several rows of *table*."""
    from core.models.offline.render import Renderer

    assert r.subject
    try:
        joins = r.joins.tree([r.subject.id, table])
    except Unjoinable:
        return False
    return Renderer(r.catalog, r.joins).multiplied(r.subject.id, joins)


def _not_among(r: Reader, tables: list[str], inner: list[ir.Condition]) -> ir.Condition:
    if r.subject is None:
        raise Unread("a denial without a subject")
    try:
        joins = r.joins.tree([r.subject.id, *tables])
    except Unjoinable as error:
        raise Unread(str(error)) from error
    first = joins[0].key
    if first.table == r.subject.id:
        own, other_table, other = first.column, first.to_table, first.to_column
    else:
        own, other_table, other = first.to_column, first.table, first.column
    own_column = r.catalog.column(r.subject.id, own)
    other_column = r.catalog.column(other_table, other)
    if not own_column or not other_column:
        raise Unread("no key")
    missing: list[ir.Condition] = [ir.IsNull(other_column, negated=True)] if _nullable(other_column) else []
    needs = [*tables] if tables != [other_table] else []
    query = ir.Query(select=[ir.Col(other_column)], where=[*inner, *missing], needs=needs)
    return ir.Member(own_column, query, negated=True)


def _nullable(column: Column) -> bool:
    return column.foreign and column.nullable


def _drop_needless(r: Reader) -> None:
    """A table mentioned only as the subject's own name, or only inside a denial, takes no part."""
    used = {t for e in r.query.select for t in tables_of(e)}
    used |= {t for c in r.query.where for t in condition_tables(c)}
    if not used and r.subject:
        r.need(r.subject)
