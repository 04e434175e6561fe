"""What is made of a result while all its rows are at hand. It goes into the checkpoint in their place."""

from core.pipelines.query import chart, follow_ups
from core.pipelines.query.analysis import Statistics, find
from core.pipelines.query.results import Digest, Proposal
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn


def digested(
    proposal: Proposal,
    schema: Schema,
    columns: list[ResultColumn],
    statistics: Statistics,
    *,
    table_id: str,
    truncated: bool,
) -> Digest:
    """Return the findings, the chart and the questions that *statistics* call for."""
    question = proposal.question
    return Digest(
        findings=list(find(statistics, query_id=proposal.query_id, truncated=truncated, question=question)),
        chart=chart.choose(columns, statistics, question, table_id),
        questions=list(follow_ups.propose(schema, question, proposal.draft.sql, columns, statistics)),
    )
