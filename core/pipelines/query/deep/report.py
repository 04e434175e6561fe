"""write_report: what the queries of a deep analysis gave, in prose whose every figure cites its query."""

from collections.abc import Iterator
from contextlib import aclosing

from core.errors import ModelError
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt, Stop
from core.models.stops import ended
from core.pipeline import Step, step
from core.pipelines.answering import material
from core.pipelines.answering.analysis.words import plural
from core.pipelines.answering.prompted import room_of
from core.pipelines.answering.prose import Citations, Facts, Prose, left_out
from core.pipelines.answering.results import Report
from core.pipelines.query.deep.looks import MOST_ROWS, Examination, Look
from core.pipelines.query.deep.prompting import PROMPTS
from core.pipelines.query.steps import WRITE_REPORT
from core.prompts import Ours, Part, quoted
from levada.v1.event_pb2 import CHANNEL_REPORT, TextCompleted

REPORT_TOKENS = 4_096


@step(WRITE_REPORT)
async def write_report(step: Step, model: LanguageModel, examination: Examination) -> Report:
    """Have *model* write the report; where it can't, the findings are listed with their queries."""
    looks = examination.held
    citations = Citations({look.fetched.query_id: _facts(look, examination.question) for look in looks})
    prose = Prose(citations.admit)
    pieces: list[str] = []

    def say(piece: str) -> None:
        pieces.append(piece)
        step.text(CHANNEL_REPORT, piece)

    problem = ""
    try:
        async with aclosing(model.stream(_prompt(step, model, examination, looks))) as stream:
            async for piece in stream:
                if isinstance(piece, Delta):
                    for sentence in prose.add(piece.text):
                        say(sentence)
                elif isinstance(piece, Finish) and ended(piece, model.name).stop is Stop.LENGTH:
                    problem = "The model's report breaks off: it reached the length that an answer may have."
    except ModelError as error:
        problem = f"The model could not write {'on' if pieces else 'the report'}: {error.message}"
    for sentence in prose.rest():
        say(sentence)
    if problem:
        step.progress(problem)
    for part in _rest(examination, looks, citations, prose, problem, told="".join(pieces).strip()):
        say(f"\n\n{part}" if pieces else part)
    step.emit(TextCompleted(channel=CHANNEL_REPORT, text="".join(pieces)))
    step.summary(f"{plural(len(citations.cited), 'query', 'queries')} cited")
    return Report(cited=list(citations.cited))


def _rest(
    examination: Examination, looks: list[Look], citations: Citations, prose: Prose, problem: str, told: str
) -> Iterator[str]:
    """Yield what stands under the model's words: what is not as it should be, then the queries that were cited."""
    if not told:
        yield "\n".join(_as_computed(looks))
        citations.cited.update((look.fetched.query_id, None) for look in looks)
    remarks = [examination.cut, problem]
    if unknown := ", ".join(citations.unknown):
        remarks.append(f"The model cited {unknown}, and no such query gave rows: those references are taken out.")
    yield from (f"*{remark}*" for remark in remarks if remark)
    if prose.left_out:
        yield left_out(prose.left_out)
    cited = [look for look in looks if look.fetched.query_id in citations.cited]
    if cited:
        yield "\n".join(["## Queries", "", *map(_entry, cited)])


def _entry(look: Look) -> str:
    purpose = " ".join(look.proposal.question.split())
    return f"- [{look.fetched.query_id}] {purpose} ({plural(look.fetched.rows, 'row')})"


def _as_computed(looks: list[Look]) -> Iterator[str]:
    for look in looks:
        yield from (f"- {finding.text} [{look.fetched.query_id}]" for finding in look.fetched.digest.findings)


def _prompt(step: Step, model: LanguageModel, examination: Examination, looks: list[Look]) -> Prompt:
    results = [
        Part(
            look.fetched.query_id,
            _result(look, MOST_ROWS),
            # The first query answers the question; the later ones went deeper.
            worth=2.0 if place == 0 else place / len(looks),
            lean=_result(look, 0),
        )
        for place, look in enumerate(looks)
    ]
    text = PROMPTS.render(
        "report",
        room_of(model),
        {"results": results},
        question=quoted(examination.question, material.QUESTION),
        remark=quoted(examination.cut, material.MESSAGE) if examination.cut else "",
    )
    if text.left_out:
        step.progress(f"The model's prompt has no room for {'; '.join(text.left_out)}.", lasting=True)
    return Prompt(text.system, [Message("user", text.user)], max_tokens=REPORT_TOKENS, key=text.key)


def _result(look: Look, most_rows: int) -> Ours:
    purpose, sql = quoted(look.proposal.question, material.QUESTION), quoted(look.proposal.draft.sql, material.QUERY)
    return Ours(f"{purpose}\n{sql}\n{look.told(most_rows)}")


def _facts(look: Look, question: str) -> Facts:
    digest = look.fetched.digest
    facts = Facts.of(digest.findings, digest.excerpt, look.proposal.draft.sql, look.fetched.truncated)
    facts.add_names(question)
    return facts
