"""One round of a deep analysis: the model says what to look at next; the queries that it wants are run after it."""

from contextlib import aclosing

from core.models.base import Ask, Draft
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt, Thought
from core.models.stops import whole
from core.models.tools import Calling, Miscalled, converse
from core.pipeline import Step, step
from core.pipelines.answering import material
from core.pipelines.answering.asking import ask, shown, source_of
from core.pipelines.answering.forms import bare
from core.pipelines.answering.prompted import room_of
from core.pipelines.answering.results import Context, Proposal
from core.pipelines.query.deep import tools
from core.pipelines.query.deep.looks import LAST_ROUND, MOST_ROWS, Called, Examination, Turned
from core.pipelines.query.deep.prompting import PROMPTS
from core.pipelines.query.generate import propose
from core.pipelines.query.steps import DEEP
from core.prompts import Ours, quoted
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import CHANNEL_REASONING, TextCompleted

MOST_QUERIES = 4
"""Queries of one round."""
MOST_CALLS = 8


@step(DEEP)
async def deep(step: Step, model: LanguageModel, context: Context, examination: Examination, left: int) -> Turned:
    """Have *model* decide what to look at, with *left* more rounds after this one. Raises ModelError."""
    step.progress(DEEP.doing)
    asked = await ask(step, context, examination.question)
    schema = await source_of(step.run, context.source).describe()
    room = room_of(model)
    prompt = _prompt(step, asked, examination, left, room)
    round_ = _Round(step, asked, schema, model.name, examination.next_number(), room)
    turned = await round_.taken(model, prompt)
    for proposal in turned.wanted:
        propose(step, context, proposal)
        step.progress(f"Wants to know: {proposal.question}")
    step.summary(_summary(turned))
    return turned


class _Round:
    """Takes in what the model says and calls."""

    def __init__(self, step: Step, asked: Ask, schema: Schema, author: str, number: int, room: int) -> None:
        self._step, self._asked, self._schema = step, asked, schema
        self._author, self._number, self._room = author, number, room
        self._visible = bool(shown(step.run, "x"))
        self._aloud: list[str] = []

    async def taken(self, model: LanguageModel, prompt: Prompt) -> Turned:
        turned, said, due = Turned(), [], 0
        async with aclosing(converse(model, prompt, tools.tools(self._asked.language), most=1)) as pieces:
            async for piece in pieces:
                match piece:
                    case Delta() | Thought():
                        self._think(piece.text)
                        said += [piece.text] if isinstance(piece, Delta) else []
                    case Finish():
                        due = len(piece.calls)
                        if not due:
                            whole(piece, model.name)
                    case Calling() | Miscalled():
                        turned.calls.append(self._called(piece, len(turned.calls), len(turned.wanted)))
                        turned.finished = turned.finished or turned.calls[-1].name == "finish"
                        if len(turned.calls) == due:
                            break
        turned.text = "".join(said)
        # Whoever calls nothing has nothing more to look at.
        turned.finished = turned.finished or not turned.calls
        if self._aloud:
            self._step.emit(TextCompleted(channel=CHANNEL_REASONING, text="".join(self._aloud)))
        return turned

    def _think(self, text: str) -> None:
        """Say what the model thinks aloud, which may quote what only some may see."""
        if self._visible:
            self._aloud.append(text)
            self._step.text(CHANNEL_REASONING, text)

    def _called(self, piece: Calling | Miscalled, before: int, wanted: int) -> Called:
        called = Called(id=piece.call.id, name=piece.call.name, arguments=piece.call.arguments)
        if isinstance(piece, Miscalled):
            called.answer = piece.problem
            return called
        match piece.arguments:
            case tools.Finish():
                called.answer = "The report is written now."
            case _ if before >= MOST_CALLS:
                called.answer = f"Error: a round has at most {MOST_CALLS} calls. Ask again in the next one."
            case tools.GetSchema(tables=names):
                called.answer = tools.schema_text(self._schema, self._asked, names, self._room)
            case _ if wanted >= MOST_QUERIES:
                called.answer = f"Error: a round has at most {MOST_QUERIES} queries. Ask again in the next one."
            case tools.RunQuery(purpose=purpose, sql=query) | tools.RunDocument(purpose=purpose, query=query):
                called.proposal = self._proposal(bare(query), purpose.strip() or "A closer look.", wanted)
            case tools.SampleRows(table=name):
                self._sample(called, name, wanted)
        return called

    def _sample(self, called: Called, name: str, wanted: int) -> None:
        table = tools.find(self._schema, name)
        if table is None:
            called.answer = f"Error: there is no table {quoted(name, 80)}. get_schema lists those that there are."
        else:
            query = tools.sample(self._schema, table, self._asked.language)
            called.proposal = self._proposal(query, f"What do rows of {table.name} look like?", wanted)

    def _proposal(self, query: str, purpose: str, wanted: int) -> Proposal:
        query_id, draft = f"q{self._number + wanted}", Draft(sql=query, explanation=purpose)
        return Proposal(query_id=query_id, question=purpose, draft=draft, author=self._author)


def _prompt(step: Step, asked: Ask, examination: Examination, left: int, room: int) -> Prompt:
    messages, lean = examination.messages(room // 2)
    if lean:
        step.progress(
            f"Details of the first {lean} rounds have no room in the model's prompt: findings stay.", lasting=True
        )
    first = examination.first
    text = PROMPTS.render(
        "deep",
        room // 2,
        material.parts(asked),
        **material.values(asked),
        query_id=Ours(first.proposal.query_id),
        query=quoted(first.proposal.draft.sql, material.QUERY),
        result=Ours(first.told(MOST_ROWS)),
        most_queries=MOST_QUERIES,
        rounds=left + len(examination.rounds) + 1,
    )
    if text.left_out:
        step.progress(f"The model's prompt has no room for {'; '.join(text.left_out)}.", lasting=True)
    if not left:
        messages.append(Message("user", LAST_ROUND))
    return Prompt(text.system, [Message("user", text.user), *messages], key=text.key)


def _summary(turned: Turned) -> str:
    count = len(turned.wanted)
    if count:
        return f"{count} {'queries' if count > 1 else 'query'} to run"
    return "Has seen enough" if turned.finished else "Looked at the schema"
