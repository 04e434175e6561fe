"""Claims runs and keeps them: slots, leases, and what others want of a run."""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from weakref import WeakValueDictionary

from core import unheld
from core.budgets import Budget
from core.duties import Duties, every
from core.errors import LevadaError, StoreError
from core.execution import Execution
from core.journal import Journal
from core.live import HAND_BACK_SECONDS, Cancel, HandBack, Live
from core.pipeline import Pipeline, Services
from core.places import Places
from core.progress import Estimates
from core.settings import Settings
from core.slots import Slot, Slots
from core.store.base import Store
from core.store.records import Claimed, Fenced, Keep, Signal
from core.store.words import Word
from levada.v1.run_pb2 import InputAnswer

POLL = 1.0
SWEEP = 5.0
EXPIRY = 60.0
# So many runs that wait for people are kept in memory, the latest ones; earlier ones are held by nobody meanwhile.
AT_REST = 1_000

logger = logging.getLogger(__name__)


class Runner:
    """Works on at most `limits.concurrent_runs` runs at once; those that wait for people do not count."""

    def __init__(self, settings: Settings, pipelines: Mapping[str, Pipeline], services: Services, store: Store) -> None:
        self._limits, self._lease = settings.limits, settings.lease
        self._pipelines, self._services, self._store = pipelines, services, store
        self._estimates = Estimates(store.durations)
        self._name = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._lives: dict[str, Live] = {}
        # Somebody who waits behind a lost server waits for its lease, and not much longer.
        self._sweeping = min(SWEEP, settings.lease / 3)
        self._wake = asyncio.Event()
        self._asked = asyncio.Event()
        self._slots = Slots(settings.limits.concurrent_runs, freed=self.wake)
        self._changed = asyncio.Event()
        self._changed.set()
        self._duties = Duties(store, self._name)
        self._places = Places(store, self._duties)
        self._claims = True
        self._fetched = asyncio.Event()
        self._fetched.set()
        self._returns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._renewed = time.monotonic()

    async def run(self) -> None:
        """Work until cancelled."""
        renewing = self._lease / 3
        # What others want of runs that are held here is heard along with it.
        listening = min(POLL, renewing) if self._store.shared else renewing
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._claiming(tasks))
            tasks.create_task(every(listening, self._listen, "Renewing the leases of runs", sooner=self._asked))
            tasks.create_task(every(0, self._hear, "Hearing of other servers"))
            tasks.create_task(every(POLL, self._places.tell, "Telling runs their places in the queue"))
            tasks.create_task(every(self._sweeping, self._sweep, "Ending and waking runs that nobody works on"))
            tasks.create_task(every(EXPIRY, self._expire, "Forgetting what has had its time"))

    def wake(self) -> None:
        """Look for work: there is a new run, an answer or a free slot."""
        self._wake.set()

    def cancel(self, run_id: str, by: str, cause: str) -> bool:
        """Stop a run that is worked on here; tell whether it is."""
        live = self._lives.get(run_id)
        if live is not None:
            live.halt(Cancel(by, cause))
        return live is not None

    def pause(self, run_id: str, by: str) -> bool:
        """Have a run that is worked on here rest at its next step, or for nobody go on; tell whether it is."""
        live = self._lives.get(run_id)
        if live is not None:
            live.execution.boundary.want(by)
        return live is not None

    def answer(self, run_id: str, answer: InputAnswer, by: str) -> None:
        """Hand in a stored answer to a run that waits for it here; one that rests is taken up again."""
        live = self._lives.get(run_id)
        if live is not None:
            live.execution.asking.answered(answer.input_id, answer, by)
        self.wake()

    async def drain(self, seconds: float) -> None:
        """Take no more runs, let those under way go on for *seconds*, then hand back what is left."""
        self._claims = False
        for live in [live for live in self._lives.values() if live.waits]:
            live.halt(HandBack())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty()
        with suppress(TimeoutError):
            # What a claim under way brings is handed back too, unless the store hangs.
            async with asyncio.timeout(HAND_BACK_SECONDS):
                await self._fetched.wait()
        for live in list(self._lives.values()):
            live.halt(HandBack())
        await self._empty()

    async def _empty(self) -> None:
        while self._lives:
            self._changed.clear()
            await self._changed.wait()

    async def _claiming(self, tasks: asyncio.TaskGroup) -> None:
        self._wake.set()
        while True:
            # Not wait_for: on Python 3.11 it can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._wake.wait()
            self._wake.clear()
            self._make_room()
            if not self._slots.free or not self._claims:
                continue
            try:
                await self._claim(tasks)
            except LevadaError as error:
                logger.warning("Runs can't be claimed at the moment: %s", error)
                await self._later()
            except Exception:
                logger.exception("Claiming runs failed")
                await self._later()

    def _make_room(self) -> None:
        if len(self._lives) > AT_REST:
            for live in [live for live in self._lives.values() if live.waits][:-AT_REST]:
                live.halt(HandBack("waited"))

    async def _claim(self, tasks: asyncio.TaskGroup) -> None:
        self._fetched.clear()
        try:
            with self._slots.kept() as free:
                most = self._limits.tenant_concurrent_runs
                for claimed in await self._store.claim(self._name, free, self._lease, list(self._lives), most):
                    self._start(claimed, tasks)
        finally:
            self._fetched.set()

    async def _later(self) -> None:
        await asyncio.sleep(POLL)
        self._wake.set()

    def _start(self, claimed: Claimed, tasks: asyncio.TaskGroup) -> None:
        live = Live(claimed, self._pipelines.get(claimed.row.pipeline))
        slot = self._slots.take(permit=partial(self._permit, claimed))
        live.execution = self._execution(claimed, live, slot)
        self._lives[claimed.id] = live
        task = tasks.create_task(live.drive(), name=f"levada-run-{claimed.id}")
        task.add_done_callback(lambda _task: self._done(live, slot))

    async def _permit(self, claimed: Claimed) -> None:
        """Return once a run that rested may work again, as far as its tenant's other runs go.

        A tenant's runs ask one after the other: however many go on, the store is asked once a second.
        """
        async with self._returns.setdefault(claimed.owner.tenant, asyncio.Lock()):
            while True:
                try:
                    if await self._store.go_on(claimed.id, claimed.epoch, self._limits.tenant_concurrent_runs):
                        return
                except StoreError as error:
                    logger.warning("Run %s has to wait until it can go on: %s", claimed.id, error)
                await asyncio.sleep(POLL)

    def _done(self, live: Live, slot: Slot) -> None:
        if self._lives.get(live.claimed.id) is live:
            del self._lives[live.claimed.id]
        slot.give_up()
        self._wake.set()
        self._changed.set()

    def _execution(self, claimed: Claimed, live: Live, slot: Slot) -> Execution:
        limits = self._limits
        journal = Journal(
            claimed,
            self._store.enlist,
            refused=live.halt,
            max_events=limits.events_per_run,
            # Rows are the pipeline's to cut; this only stops what went wrong.
            max_bytes=2 * limits.bytes_per_run + 2**20,
        )
        options = claimed.request.options
        wanted = options.timeout.ToTimedelta().total_seconds() if options.HasField("timeout") else limits.run_seconds
        return Execution(
            claimed,
            self._pipelines.get(claimed.row.pipeline),
            self._services,
            journal,
            self._estimates,
            seconds=min(wanted, limits.run_seconds),
            input_seconds=limits.input_seconds,
            slot=slot,
            read=self._store.read,
            budget=lambda tally: Budget(limits, claimed.owner, tally, journal, self._store.spent_today),
            rested=live.rested,
        )

    async def _renew(self, held: Sequence[str]) -> Sequence[Signal]:
        """Renew the leases. What was not renewed in time may be another server's by now: nothing of it is returned."""
        began = time.monotonic()
        left = self._renewed + self._lease - began
        if not self._store.shared:
            return await self._store.renew(self._name, self._lease, held)
        try:
            # A process that was stopped for long must not even ask first, while its work goes on.
            if left <= 0:
                raise TimeoutError
            async with asyncio.timeout(left):
                signals = await self._store.renew(self._name, self._lease, held)
        except TimeoutError:
            logger.warning("The leases of %d runs could not be renewed in time, so they are given up here", len(held))
            signals = ()
        self._renewed = began
        return signals

    async def _listen(self) -> None:
        """Renew the leases and hear what others want of the runs held here."""
        held = dict(self._lives)
        if not held:
            self._renewed = time.monotonic()
            return
        renewed = await self._renew(list(held))
        signals = {signal.run_id: signal for signal in renewed}
        for run_id, live in held.items():
            signal = signals.get(run_id)
            if signal is None or signal.epoch != live.claimed.epoch:
                live.halt(Fenced(run_id))
            elif signal.cancel_by:
                live.halt(Cancel(signal.cancel_by, signal.cancel_cause))
            else:
                live.execution.boundary.want(signal.pause_by)
        if self._store.shared:
            await self._hear_answers(held)

    async def _hear_answers(self, held: Mapping[str, Live]) -> None:
        """Hear what was answered on other servers; one question to the store, however many runs wait."""
        waiting = [run_id for run_id, live in held.items() if live.execution.asking.open]
        for run_id, known in await self._store.unheard(waiting) if waiting else ():
            if known.answer is not None:
                held[run_id].execution.asking.answered(known.request.input_id, known.answer, known.answered_by)

    async def _hear(self) -> None:
        """Hear what other servers left word of."""
        word = await self._store.news(POLL)
        if Word.QUEUE in word:
            self.wake()
        if Word.HOLDERS in word:
            self._asked.set()

    async def _sweep(self) -> None:
        if not await self._duties.mine("sweep", 2 * self._sweeping):
            return
        for row in await self._store.due():
            try:
                await unheld.settle(self._store, row)
            except StoreError as error:
                # One that is refused must not hold up the others.
                logger.warning("Run %s can't be ended or put to rest yet: %s", row.id, error)
        if await self._store.wake(self._limits.input_seconds):
            self.wake()

    async def _expire(self) -> None:
        """Forget what has had its time."""
        limits, now = self._limits, time.time()
        logs, records = (int((now - 86_400 * days) * 1e6) for days in (limits.retention_days, limits.record_days))
        keep = Keep(logs, limits.retention_bytes, records)
        while await self._duties.mine("expire", 2 * EXPIRY):
            forgotten = await self._store.expire(keep)
            if forgotten.logs or forgotten.records:
                logger.info("Forgot the events of %d runs and %d runs' records", forgotten.logs, forgotten.records)
            if not forgotten.more:
                return
