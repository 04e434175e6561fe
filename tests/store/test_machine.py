"""Whatever several workers, callers and zombies do, and in whatever order, a store does what the model does."""

import asyncio
import itertools
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, select, update

from core.errors import Conflict, Limited
from core.identity import Principal
from core.store import Store, open_store
from core.store.records import ENDED, Append, Fenced
from core.store.tables import events, metadata, runs
from levada.v1.event_pb2 import InputKind, InputRequested
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.store.model import QUEUED, RUNNING, WAITING, Belief, Known, Model, ended
from tests.store.test_store import new

WORKERS = ("anna", "berta", "carla")
TENANT = st.sampled_from("abc")
LONG = 3_600.0
QUEUE = 6


class Machine(RuleBasedStateMachine):
    """Does the same to a store and to the model. Every third worker works through another server, where that can be."""

    loop: asyncio.Runner
    store: Store
    other: Store
    examples = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.number = next(self.examples)
        self.loop.run(self.store._writer.do(self._empty))
        self.model = Model()
        self.beliefs: list[Belief] = []

    @staticmethod
    async def _empty(c) -> None:
        for table in metadata.sorted_tables:
            await c.execute(delete(table))

    def teardown(self) -> None:
        for run in self.model.runs.values():
            stored, over = self.loop.run(self.store.read(run.id, 0, 10_000, 2**20))
            assert (list(stored), over) == (run.events, run.ended)

    def of(self, worker: str) -> Store:
        return self.other if worker == WORKERS[-1] else self.store

    def believed(self, worker: str) -> list[str]:
        return [belief.run.id for belief in self.beliefs if belief.worker == worker]

    @initialize(tenants=st.lists(TENANT, min_size=2, max_size=5))
    def begins(self, tenants: list[str]) -> None:
        for tenant in tenants:
            self.create(tenant, 0, "", "one")

    @rule(
        tenant=TENANT,
        priority=st.sampled_from((-1, 0, 0, 5)),
        request_id=st.sampled_from(("", "", "", "r")),
        question=st.sampled_from(("one", "two")),
    )
    def create(self, tenant: str, priority: int, request_id: str, question: str) -> None:
        owner = Principal(tenant, "s")
        wanted = new(question, owner=owner, queue_limit=QUEUE, priority=priority, request_id=request_id)
        # Ids in the order of their making, as real ones have, but the same in every repetition.
        wanted = replace(wanted, id=f"run {self.number:06} {len(self.model.runs):04}")
        earlier = self.model.request_ids.get((tenant, request_id))
        if earlier is not None:
            made = self.loop.run(self.other.create(wanted))
            assert (made.run_id, made.existed, made.same_request) == (earlier[0], True, earlier[1] == question.encode())
            return
        if self.model.is_full(tenant, QUEUE):
            with pytest.raises(Limited) as caught:
                self.loop.run(self.store.create(wanted))
            assert caught.value.retry_after
            return
        assert self.loop.run(self.store.create(wanted)).run_id == wanted.id
        run = Known(wanted.id, tenant, priority, 0, [])
        self.model.runs[run.id] = run
        run.place = self.model.order().index(run) + 1
        run.events.append(f"queued {run.place}".encode())
        if request_id:
            self.model.request_ids[tenant, request_id] = run.id, question.encode()

    # Not as often as others: with runs that ended little can be tried.
    @precondition(lambda self: len(self.beliefs) > 2)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(list(self.model.runs.values())))
        row = self.loop.run(self.store.request_cancel(run.id, "who", "why"))
        run.cancel_by = run.cancel_by or ("" if run.ended else "who")
        assert (row.state, row.cancel_by, row.held) == (run.state, run.cancel_by, run.held)
        if not run.ended and not run.held:
            self._append(run, row.epoch, len(run.events), row.bytes, b"cancelled", **ended())

    @precondition(lambda self: any(run.asked and not run.answered for run in self.model.runs.values()))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from([run for run in self.model.runs.values() if run.asked]))
        given = self.store.answer(run.id, InputAnswer(input_id=run.asked, text="yes"), "who")
        if run.ended and not run.answered:
            with pytest.raises(Conflict):
                self.loop.run(given)
            return
        self.loop.run(given)
        if not run.answered and run.state == WAITING and not run.held:
            run.let_go(QUEUED)
        run.answered = True

    # Workers

    @rule(worker=st.sampled_from(WORKERS), limit=st.integers(1, 4), tenant_limit=st.sampled_from((None, 1, 2)))
    def claim(self, worker: str, limit: int, tenant_limit: int | None) -> None:
        believed = self.believed(worker)
        got = self.loop.run(self.of(worker).claim(worker, limit, LONG, believed, tenant_limit))
        promised = self.model.take(worker, limit, believed, tenant_limit)
        found = [(one.id, one.epoch, one.row.losses) for one in got]
        assert found == [(run.id, run.epoch, run.losses) for run in promised]
        for one, run in zip(got, promised, strict=True):
            assert one.row.last_sequence == len(run.events)
            self.beliefs.append(Belief(worker, run, one.epoch, one.row.last_sequence, one.row.bytes))

    @precondition(lambda self: self.beliefs)
    @rule(data=st.data())
    def heartbeat(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from(self.beliefs)).worker
        signals = self.loop.run(self.of(worker).renew(worker, LONG, self.believed(worker)))
        mine = [run for run in self.model.runs.values() if run.holder == worker and run.id in self.believed(worker)]
        heard = {(one.run_id, one.epoch, one.cancel_by) for one in signals}
        assert heard == {(run.id, run.epoch, run.cancel_by) for run in mine}
        for run in mine:
            run.leased = True

    @precondition(lambda self: any(run.held for run in self.model.runs.values()))
    @rule(data=st.data())
    def lease_runs_out(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from([run for run in self.model.runs.values() if run.held]))
        over = update(runs).where(runs.c.id == run.id).values(lease_until=1)
        self.loop.run(self.store._writer.do(lambda c: c.execute(over)))
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
        self._says(data, [b"end"], **ended(state))

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
    @rule(data=st.data(), limit=st.integers(0, 2))
    def asks_is_answered_and_goes_on(self, data: st.DataObject, limit: int) -> None:
        self.asks(data)
        self.answer(data)
        if any(belief.run.answered for belief in self.beliefs):
            self.goes_on(data, limit)

    @precondition(lambda self: any(belief.run.answered for belief in self.beliefs))
    @rule(data=st.data(), limit=st.integers(0, 2))
    def goes_on(self, data: st.DataObject, limit: int) -> None:
        belief = data.draw(st.sampled_from([belief for belief in self.beliefs if belief.run.answered]))
        run, goes = belief.run, self.of(belief.worker).go_on(belief.run.id, belief.epoch, limit)
        if run.epoch != belief.epoch:
            with pytest.raises(Fenced):
                self.loop.run(goes)
            return
        may = run.state != WAITING or self.model.running(run.tenant) < limit
        assert self.loop.run(goes) is may
        if run.state == WAITING:
            run.comes_back = not may
            run.state = RUNNING if may else WAITING

    # What servers do for all

    @rule()
    def wakes(self) -> None:
        woken = [run for run in self.model.runs.values() if run.state == WAITING and not run.held and run.answered]
        assert self.loop.run(self.other.wake(LONG)) == len(woken)
        for run in woken:
            run.let_go(QUEUED)

    @rule(data=st.data())
    def tells_places(self, data: st.DataObject) -> None:
        found = self.loop.run(self.store.queue(lambda place, told: True))
        order = self.model.order()
        assert (found.length, [one.run_id for one in found.runs]) == (len(order), [run.id for run in order])
        assert [one.place for one in found.runs] == list(range(1, len(order) + 1))
        moved = self.loop.run(self.other.queue(lambda place, told: place != told))
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

        found, logs = self.loop.run(self.store._writer.do(look))
        known = self.model.runs.values()
        assert {tuple(row) for row in found} == {(run.id, run.state, run.epoch, len(run.events)) for run in known}
        assert {tuple(row) for row in logs} == {(run.id, len(run.events), 1, len(run.events)) for run in known}

    # How

    def _says(self, data: st.DataObject, words: list[bytes], **run: Any) -> None:
        self._tries(data.draw(st.sampled_from(self.beliefs)), words, **run)

    def _tries(self, belief: Belief, words: list[bytes], inputs: list[dict] | None = None, **run: Any) -> bool:
        """Append as a worker that may be a zombie; once it is told so, or lets go, it believes no more."""
        said = Append(belief.run.id, belief.epoch, belief.last, belief.position, words, run=run, inputs=inputs or [])
        if not belief.right:
            with pytest.raises(Fenced):
                self.loop.run(self.of(belief.worker).append(said))
            self.beliefs.remove(belief)
            return False
        self._append(belief.run, belief.epoch, belief.last, belief.position, *words, inputs=inputs, **run)
        belief.last, belief.position = said.last, said.position + sum(map(len, words))
        if belief.run.ended or belief.run.state == QUEUED:
            self.beliefs.remove(belief)
        return True

    def _append(self, run: Known, epoch: int, after: int, position: int, *words: bytes, inputs=None, **columns) -> None:
        self.loop.run(
            self.store.append(Append(run.id, epoch, after, position, words, run=columns, inputs=inputs or []))
        )
        run.events += words
        run.place = columns.get("place", run.place)
        run.state = columns.get("state", run.state)
        run.ended = run.state in ENDED
        if columns.get("worker") == "":
            run.let_go(run.state)


def test_every_store_does_what_the_contract_says(url: str):
    repeatable = settings(
        max_examples=40 if url.startswith("sqlite") else 10,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as loop:
        Machine.loop = loop
        stores = [open_store(url) for _ in range(2 if url.startswith("postgres") else 1)]
        Machine.store, Machine.other = stores[0], stores[-1]
        try:
            for store in stores:
                loop.run(store.open())
            run_state_machine_as_test(Machine, settings=repeatable)
        finally:
            for store in stores:
                loop.run(store.close())
