"""Whatever several workers, callers and zombies do, and in whatever order, a store does what the model does."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select, update

from core.errors import Conflict, Limited
from core.identity import Principal
from core.store import Store, open_store
from core.store.base import ENDED, Append, Fenced
from core.store.tables import events, metadata, runs
from levada.v1.event_pb2 import InputKind, InputRequested
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.store.model import QUEUED, RUNNING, WAITING, Known, Model
from tests.store.test_store import new

WORKERS = ("anna", "berta", "carla")
LONG = 3_600.0
QUEUE = 6


@dataclass
class Belief:
    """What a worker takes for its own, rightly or not: a run, its epoch, the end of its log."""

    worker: str
    run: Known
    epoch: int
    last: int
    position: int

    @property
    def right(self) -> bool:
        return self.run.epoch == self.epoch and not self.run.ended and len(self.run.events) == self.last


class Machine(RuleBasedStateMachine):
    """Does the same to a store and to the model. Every third worker works through another server, where that can be."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.store = open_store(self.url)
        self.do(self.store.open())
        self.do(self.store._writer.do(self._empty))
        self.other = self.store
        if self.store.shared:
            self.other = open_store(self.url)
            self.do(self.other.open())
        self.model = Model()
        self.beliefs: list[Belief] = []

    @staticmethod
    async def _empty(c) -> None:
        for table in metadata.sorted_tables:
            await c.execute(delete(table))

    def teardown(self) -> None:
        for run in self.model.runs.values():
            stored, ended = self.do(self.store.read(run.id, 0, 10_000, 2**20))
            assert (list(stored), ended) == (run.events, run.ended)
        if self.other is not self.store:
            self.do(self.other.close())
        self.do(self.store.close())
        self.loop.close()

    def do(self, work: Coroutine) -> Any:
        return self.loop.run(work)

    def of(self, worker: str) -> Store:
        return self.other if worker == WORKERS[-1] else self.store

    def believed(self, worker: str) -> list[str]:
        return [belief.run.id for belief in self.beliefs if belief.worker == worker]

    # Callers

    @rule(
        tenant=st.sampled_from("abc"),
        priority=st.sampled_from((-1, 0, 0, 5)),
        request_id=st.sampled_from(("", "", "", "r")),
        question=st.sampled_from(("one", "two")),
    )
    def create(self, tenant: str, priority: int, request_id: str, question: str) -> None:
        wanted = new(
            question, owner=Principal(tenant, "s"), queue_limit=QUEUE, priority=priority, request_id=request_id
        )
        # Ids in the order of their making, as real ones have, but the same in every repetition.
        wanted = replace(wanted, id=f"run {len(self.model.runs):04}")
        earlier = self.model.request_ids.get((tenant, request_id))
        if earlier is not None:
            made = self.do(self.other.create(wanted))
            assert (made.run_id, made.existed, made.same_request) == (earlier[0], True, earlier[1] == question.encode())
            return
        if self.model.is_full(tenant, QUEUE):
            with pytest.raises(Limited) as caught:
                self.do(self.store.create(wanted))
            assert caught.value.retry_after
            return
        assert self.do(self.store.create(wanted)).run_id == wanted.id
        run = Known(wanted.id, tenant, priority, 0, [])
        self.model.runs[run.id] = run
        run.place = self.model.order().index(run) + 1
        run.events.append(f"queued {run.place}".encode())
        if request_id:
            self.model.request_ids[tenant, request_id] = run.id, question.encode()

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(list(self.model.runs.values())))
        row = self.do(self.store.request_cancel(run.id, "who", "why"))
        run.cancel_by = run.cancel_by or ("" if run.ended else "who")
        assert (row.state, row.cancel_by, row.held) == (run.state, run.cancel_by, run.held)
        if not run.ended and not run.held:
            self._append(run, row.epoch, len(run.events), row.bytes, b"cancelled", **self._ended())

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(list(self.model.runs.values())))
        given = self.store.answer(run.id, InputAnswer(input_id=run.asked or "none", text="yes"), "who")
        if run.ended or not run.asked or run.answered:
            with pytest.raises(Conflict):
                self.do(given)
            return
        self.do(given)
        run.answered = True
        if run.state == WAITING and not run.held:
            run.let_go(QUEUED)

    # Workers

    @rule(worker=st.sampled_from(WORKERS), limit=st.integers(1, 4), tenant_limit=st.sampled_from((None, 1, 2)))
    def claim(self, worker: str, limit: int, tenant_limit: int | None) -> None:
        believed = self.believed(worker)
        got = self.do(self.of(worker).claim(worker, limit, LONG, believed, tenant_limit))
        promised = self.model.take(worker, limit, believed, tenant_limit)
        assert [(one.id, one.epoch, one.row.losses) for one in got] == [
            (run.id, run.epoch, run.losses) for run in promised
        ]
        for one, run in zip(got, promised, strict=True):
            assert one.row.last_sequence == len(run.events)
            self.beliefs.append(Belief(worker, run, one.epoch, one.row.last_sequence, one.row.bytes))

    @rule(worker=st.sampled_from(WORKERS))
    def heartbeat(self, worker: str) -> None:
        signals = self.do(self.of(worker).renew(worker, LONG, self.believed(worker)))
        mine = [
            belief.run
            for belief in self.beliefs
            if belief.worker == worker == belief.run.holder and belief.run.state in {RUNNING, WAITING}
        ]
        assert {(one.run_id, one.epoch, one.cancel_by) for one in signals} == {
            (run.id, run.epoch, run.cancel_by) for run in mine
        }
        for run in mine:
            run.leased = True

    @precondition(lambda self: any(run.held for run in self.model.runs.values()))
    @rule(data=st.data())
    def lease_runs_out(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from([run for run in self.model.runs.values() if run.held]))
        over = update(runs).where(runs.c.id == run.id).values(lease_until=1)
        self.do(self.store._writer.do(lambda c: c.execute(over)))
        run.leased = False

    @precondition(lambda self: any(run.held for run in self.model.runs.values()))
    @rule(data=st.data(), worker=st.sampled_from(WORKERS))
    def loses_its_runs(self, data: st.DataObject, worker: str) -> None:
        self.lease_runs_out(data)
        self.claim(worker, 4, None)

    @precondition(lambda self: self.beliefs)
    @rule(data=st.data(), words=st.lists(st.sampled_from((b"a", b"bc")), min_size=1, max_size=3))
    def says(self, data: st.DataObject, words: list[bytes]) -> None:
        self._says(data, words)

    @precondition(lambda self: self.beliefs)
    @rule(data=st.data(), state=st.sampled_from((RunState.RUN_STATE_COMPLETED, RunState.RUN_STATE_FAILED)))
    def ends(self, data: st.DataObject, state: RunState) -> None:
        self._says(data, [b"end"], **self._ended(state))

    @precondition(lambda self: self.beliefs)
    @rule(data=st.data())
    def hands_back(self, data: st.DataObject) -> None:
        self._says(data, [], state=QUEUED, worker="", lease_until=0)

    @precondition(lambda self: any(not belief.run.asked for belief in self.beliefs))
    @rule(data=st.data())
    def asks(self, data: st.DataObject) -> None:
        belief = data.draw(st.sampled_from([belief for belief in self.beliefs if not belief.run.asked]))
        asked = InputRequested(input_id="q", kind=InputKind.INPUT_KIND_CLARIFICATION).SerializeToString()
        row = {"run_id": belief.run.id, "input_id": "q", "request": asked, "asked": time.time_ns() // 1_000}
        if self._tries(belief, [b"asked"], [row], state=WAITING, input=asked):
            belief.run.asked = "q"

    @precondition(lambda self: any(not belief.run.asked for belief in self.beliefs))
    @rule(data=st.data(), limit=st.integers(1, 2))
    def asks_is_answered_and_goes_on(self, data: st.DataObject, limit: int) -> None:
        self.asks(data)
        self.answer(data)
        if any(belief.run.answered for belief in self.beliefs):
            self.goes_on(data, limit)

    @precondition(lambda self: any(belief.run.answered for belief in self.beliefs))
    @rule(data=st.data(), limit=st.integers(1, 2))
    def goes_on(self, data: st.DataObject, limit: int) -> None:
        belief = data.draw(st.sampled_from([belief for belief in self.beliefs if belief.run.answered]))
        run, goes = belief.run, self.of(belief.worker).go_on(belief.run.id, belief.epoch, limit)
        if run.epoch != belief.epoch:
            with pytest.raises(Fenced):
                self.do(goes)
            return
        may = run.state != WAITING or self.model.running(run.tenant) < limit
        assert self.do(goes) is may
        if run.state == WAITING:
            run.comes_back = not may
            run.state = RUNNING if may else WAITING

    # What servers do for all

    @rule()
    def wakes(self) -> None:
        woken = [run for run in self.model.runs.values() if run.state == WAITING and not run.held and run.answered]
        assert self.do(self.other.wake(LONG)) == len(woken)
        for run in woken:
            run.let_go(QUEUED)

    @rule(data=st.data())
    def tells_places(self, data: st.DataObject) -> None:
        found = self.do(self.store.queue(lambda place, told: True))
        order = self.model.order()
        assert (found.length, [one.run_id for one in found.runs]) == (len(order), [run.id for run in order])
        assert [one.place for one in found.runs] == list(range(1, len(order) + 1))
        moved = self.do(self.other.queue(lambda place, told: place != told))
        assert [one.run_id for one in moved.runs] == [
            run.id for place, run in enumerate(order, 1) if place != run.place
        ]
        if moved.runs:
            one = data.draw(st.sampled_from(moved.runs))
            run = self.model.runs[one.run_id]
            self._append(run, one.epoch, one.last_sequence, one.bytes, f"queued {one.place}".encode(), place=one.place)

    @invariant()
    def the_store_is_as_the_model_says(self) -> None:
        async def look(c):
            found = (await c.execute(select(runs.c.id, runs.c.state, runs.c.epoch, runs.c.last_sequence))).all()
            logs = select(events.c.run_id, func.count(), func.min(events.c.sequence), func.max(events.c.sequence))
            return found, (await c.execute(logs.group_by(events.c.run_id))).all()

        found, logs = self.do(self.store._writer.do(look))
        known = self.model.runs.values()
        assert {tuple(row) for row in found} == {(run.id, run.state, run.epoch, len(run.events)) for run in known}
        assert {tuple(row) for row in logs} == {(run.id, len(run.events), 1, len(run.events)) for run in known}

    # How

    @staticmethod
    def _ended(state: RunState = RunState.RUN_STATE_CANCELLED) -> dict[str, Any]:
        return {"state": state, "ended": time.time_ns() // 1_000, "worker": "", "lease_until": 0, "input": b""}

    def _says(self, data: st.DataObject, words: list[bytes], **run: Any) -> None:
        self._tries(data.draw(st.sampled_from(self.beliefs)), words, **run)

    def _tries(self, belief: Belief, words: list[bytes], inputs: list[dict] | None = None, **run: Any) -> bool:
        """Append as a worker that may be a zombie; once it is told so, or lets go, it believes no more."""
        said = Append(belief.run.id, belief.epoch, belief.last, belief.position, words, run=run, inputs=inputs or [])
        if not belief.right:
            with pytest.raises(Fenced):
                self.do(self.of(belief.worker).append(said))
            self.beliefs.remove(belief)
            return False
        self._append(belief.run, belief.epoch, belief.last, belief.position, *words, inputs=inputs, **run)
        belief.last, belief.position = said.last, said.position + sum(map(len, words))
        if belief.run.ended or belief.run.state == QUEUED:
            self.beliefs.remove(belief)
        return True

    def _append(self, run: Known, epoch: int, after: int, position: int, *words: bytes, inputs=None, **columns) -> None:
        self.do(self.store.append(Append(run.id, epoch, after, position, words, run=columns, inputs=inputs or [])))
        run.events += words
        run.place = columns.get("place", run.place)
        run.state = columns.get("state", run.state)
        run.ended = run.state in ENDED
        if columns.get("worker") == "":
            run.let_go(run.state)


def test_every_store_does_what_the_contract_says(url: str):
    Machine.url = url
    examples = 40 if url.startswith("sqlite") else 8
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
