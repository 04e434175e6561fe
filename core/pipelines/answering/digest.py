"""What is made of a result while all its rows are at hand. It goes into the checkpoint in their place."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlglot import exp, parse_one

from core.models.base import Lookup
from core.pipelines.answering import chart, follow_ups
from core.pipelines.answering.analysis import Statistics, find
from core.pipelines.answering.analysis.roles import TIMES, Role
from core.pipelines.answering.analysis.words import human, listed
from core.pipelines.answering.meaning import Meaning
from core.pipelines.answering.relevance.tables import key
from core.pipelines.answering.results import Digest, Proposal
from levada.v1.event_pb2 import COLUMN_TYPE_TEXT, ResultColumn

_ISO_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def digested(
    proposal: Proposal,
    meaning: Meaning,
    columns: Sequence[ResultColumn],
    statistics: Statistics,
    *,
    table_id: str,
    truncated: bool,
    as_of: date | None,
    why: str = "",
) -> Digest:
    """Return the findings, the chart and the questions that *statistics* call for."""
    query_id, question = proposal.query_id, proposal.question
    return Digest(
        findings=find(statistics, query_id=query_id, truncated=truncated, question=question, as_of=as_of, why=why),
        chart=chart.choose(columns, statistics, _about(proposal, statistics), table_id),
        questions=follow_ups.propose(meaning.schema, question, meaning.written, columns, statistics),
    )


def _about(proposal: Proposal, statistics: Statistics) -> str:
    """Return what the rows are about: what was asked, but what they hold where a person wrote the query."""
    figures = [human(column.name) for column in statistics.measures]
    if proposal.author != "person" or not figures:
        return proposal.question
    by = [human(column.name) for column in statistics.columns if column.role in (Role.CATEGORY, Role.TIME)]
    return f"{listed(figures[:2])} by {listed(by[:2])}" if by else listed(figures[:2])


def last_day(meaning: Meaning, lookup: Lookup, tables: Sequence[str]) -> date | None:
    """Return the last day that the times named in a query over *tables* reach in the data, as far as that is known."""
    if not meaning.checked:
        return None
    tree = parse_one(meaning.checked, dialect=meaning.schema.dialect)
    named = {column.name.lower() for column in tree.find_all(exp.Column)}
    days = [
        _day(lookup.bounds(key(table), column.name))
        for table in meaning.schema.tables
        if key(table) in tables
        for column in table.columns
        if column.name.lower() in named and (column.type in TIMES or column.type == COLUMN_TYPE_TEXT)
    ]
    return max((day for day in days if day is not None), default=None)


def _day(bounds: tuple[Any, Any] | None) -> date | None:
    last = bounds[1] if bounds else None
    if isinstance(last, datetime):
        return last.date()
    if isinstance(last, str) and _ISO_DAY.match(last):
        return date.fromisoformat(last[:10])
    return last if isinstance(last, date) else None
