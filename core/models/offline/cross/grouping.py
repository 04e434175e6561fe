"""Which tables of a SELECT a source joins itself, and which conditions it applies."""

from collections.abc import Sequence

from sqlglot import exp

from core.models.offline.cross.joint import SQL, Joint
from core.models.offline.cross.part import Group
from core.models.offline.cross.scope import Link, Scope
from core.models.offline.cross.writing import Writer
from core.models.offline.native import CannotSay
from core.models.offline.native.listing import text_about


def group_tables(scope: Scope, joint: Joint) -> list[Group]:
    """Return the tables of *scope* by what one source can bring together, each in the order of the joins."""
    found: dict[str, Group] = {}
    for table, link in zip(scope.tables, [None, *scope.links], strict=True):
        home = joint.home(table)
        others = [found[name] for name in scope.tables if link and name in link.tables and name in found]
        if link and others and others[0].source == home.source and _joins(home.language, link, joint):
            group = others[0]
            group.links.append(link)
            group.tables.append(table)
        else:
            group = Group(home.source, home.language, [table], optional=bool(link and link.side))
        found[table] = group
    return list(dict.fromkeys(found.values()))


def _joins(language: str, link: Link, joint: Joint) -> bool:
    """Say whether a source that speaks *language* can follow *link*; documents are only met by keys of one type."""
    if language == SQL:
        return True
    ends = [joint.column(end.table, end.name) for end in link.ends or ()]
    return language == "mongodb" and len(ends) == 2 and all(ends) and len({end.type for end in ends if end}) == 1


def placed(scope: Scope, groups: Sequence[Group], joint: Joint, writer: Writer) -> list[exp.Expr]:
    """Give each condition to the group whose source can apply it; return those that are left. Raises CannotSay."""
    kept = []
    for condition in scope.where:
        tables = {column.table for column in scope.columns(condition)}
        group = next((group for group in groups if tables and tables <= set(group.tables)), None)
        if group and not group.optional and _applies(group, condition, scope, joint, writer):
            group.conditions.append(condition)
        elif any(text_about(part) is not None for part in scope.calls(condition)):
            raise CannotSay("only the source itself can tell what its texts are about")
        else:
            kept.append(condition)
    return kept


def _applies(group: Group, condition: exp.Expr, scope: Scope, joint: Joint, writer: Writer) -> bool:
    if not joint.sources(condition) <= {group.source}:
        return False
    column = next(iter(scope.columns(condition)))
    try:
        writer.params(group.select([exp.alias_(column.copy(), column.name, quoted=True)], condition))
    except CannotSay:
        return False
    return True
