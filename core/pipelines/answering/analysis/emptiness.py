"""What to say when nothing came back: that it is so, and two ways to widen the question."""

import re
from collections.abc import Sequence

from sqlglot import exp

from core.pipelines.answering.analysis.drafting import Drafted
from core.pipelines.answering.analysis.words import human, singular
from levada.v1 import event_pb2 as events

_TIME_WORDS = re.compile(
    r"\b(in|on|since|before|after|during|between|last|this|past|yesterday|today)\b[^,?]*\b"
    r"(\d{4}|year|month|week|day|quarter|january|february|march|april|may|june|july|august|september|october|november"
    r"|december|yesterday|today)s?\b",
    re.IGNORECASE,
)
_TIME_COLUMN = re.compile(r"(date|time|day|month|year|_at|_on)\b|(date|time|year)", re.IGNORECASE)


def nothing(question: str, conditions: Sequence[exp.Expr], *, figure: bool = False) -> Drafted:
    """Say that no row matched and how to ask for more; *figure*: a single figure came back without a value."""
    text = "No row matched, so there is no figure" if figure else "No rows match the question"
    first, second = (_ways(question, conditions) + _GENERAL)[:2]
    return Drafted(100, events.FINDING_KIND_EMPTY, f"{text}. To widen it, {first}, or {second}.")


_GENERAL = ["ask without one of the conditions", "ask first which values there are, for instance “list all …”"]


def _ways(question: str, conditions: Sequence[exp.Expr]) -> list[str]:
    ways = []
    timed = [condition for condition in conditions if _is_time(condition)]
    if timed or _TIME_WORDS.search(question):
        ways.append("ask for a longer time")
    for condition in conditions:
        column, value = condition.find(exp.Column), condition.find(exp.Literal)
        if condition in timed or column is None or value is None:
            continue
        if isinstance(condition, exp.GT | exp.GTE | exp.LT | exp.LTE):
            ways.append(f"move the limit on {_what(column)} ({value.this})")
        else:
            ways.append(f"leave out the condition on {_what(column)} (“{value.this}”)")
    return ways


def _what(column: exp.Column) -> str:
    tables = {table.alias_or_name: table.name for table in column.root().find_all(exp.Table)}
    if column.name.lower() in ("name", "title") and column.table in tables:
        return singular(human(tables[column.table]))
    return human(column.name)


def _is_time(condition: exp.Expr) -> bool:
    column = condition.find(exp.Column)
    return column is not None and bool(_TIME_COLUMN.search(column.name))
