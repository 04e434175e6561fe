"""How a person's answer to an input request is checked and kept, whoever holds the run."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Conflict, InvalidRequest, NotFound
from core.store.leases import held
from core.store.records import ENDED
from core.store.tables import inputs, runs
from core.store.turns import QUEUED, WAITING
from core.store.words import Word, leave
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import Decision, InputKind, InputRequested
from levada.v1.run_pb2 import InputAnswer


async def answer(c: AsyncConnection, run_id: str, given: InputAnswer, by: str) -> None:
    """Store an answer and put the run into the queue unless somebody holds it."""
    run = (await c.execute(select(runs).where(runs.c.id == run_id).with_for_update())).first()
    if run is None:
        raise NotFound("There is no such run.")
    asked = (await c.execute(select(inputs).filter_by(run_id=run_id, input_id=given.input_id))).first()
    if asked is not None and (asked.answer, asked.answered_by) == (given.SerializeToString(), by):
        # Said again, as whoever was not told that it was stored does.
        return
    if run.state in ENDED:
        raise Conflict("The run has ended, so it needs no answer any more.")
    if asked is None or asked.answer is not None:
        words = "was answered already" if asked else "is not one of this run"
        raise Conflict(
            f"The run does not wait for this: the input request {given.input_id!r} {words}.",
            reason=reasons.ERROR_REASON_INPUT_NOT_EXPECTED,
        )
    check(InputRequested.FromString(asked.request), given)
    this = inputs.c.run_id == run_id, inputs.c.input_id == given.input_id
    await c.execute(update(inputs).where(*this).values(answer=given.SerializeToString(), answered_by=by))
    unheld = runs.c.id == run_id, runs.c.state == WAITING, ~held(c.dialect)
    await c.execute(update(runs).where(*unheld).values(state=QUEUED, worker=""))
    leave(c, Word.QUEUE | Word.HOLDERS)


def check(request: InputRequested, given: InputAnswer) -> None:
    """Raise InvalidRequest when *given* does not fit what was asked."""
    approval = request.kind == InputKind.INPUT_KIND_APPROVAL
    if approval and given.decision not in Decision.values()[1:]:
        raise InvalidRequest({"decision": "Say whether to approve, edit or reject the query."})
    if not approval and given.decision:
        raise InvalidRequest({"decision": "This asks for a clarification, so there is no decision to take."})
    if not given.text.strip() and (not approval or given.decision == Decision.DECISION_EDIT):
        words = "Give the query to run instead." if approval else "Choose an option or answer in your own words."
        raise InvalidRequest({"text": words})
