"""Users in a storm: each asks for one run until it is accepted, and reads it in several ways.

Some cancel it, some have it rest for a while, some are asked to approve its query; each time of whichever server.
"""

import asyncio
import random
from dataclasses import dataclass, field

import grpc
import httpx
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from levada.v1.event_pb2 import DECISION_APPROVE
from levada.v1.run_pb2 import InputAnswer, RunRequest
from levada.v1.run_service_pb2 import (
    CancelRunRequest,
    CreateRunRequest,
    PauseRunRequest,
    RespondToRunRequest,
    ResumeRunRequest,
)
from levada.v1.run_service_pb2_grpc import RunServiceStub
from tests.chaos.readers import PASSING, Readers, Record, pause

ANSWER_SECONDS = 10.0
# Of names only: values of the shop are not known yet to a server that has just started on a busy machine.
QUESTIONS = ("Revenue by month", "Revenue by country", "Average order value by month", "Return rate by category")
WISHES, WEIGHTS = ("", "cancel", "rest", "approve"), (6, 1, 2, 2)


@dataclass
class Asked:
    """A run as its user knows it: what was asked, how often, and what came of it."""

    request: RunRequest
    wish: str
    runs: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)
    tries: int = 0


def requests(seed: int, count: int) -> list[Asked]:
    """Return what will be asked: half of it questions to the shop, half relays; some users wish for more."""
    chance = random.Random(f"requests {seed}")
    asked = []
    for number in range(count):
        key = f"{seed}-{number}"
        if chance.random() < 0.5:
            # A talk of its own: what was said before is looked up, and changes nothing.
            question = chance.choice(QUESTIONS)
            request = RunRequest(pipeline="query", question=question, request_id=key, conversation_id=key)
        else:
            request = RunRequest(pipeline="relay", question=f"baton {number}", request_id=key)
        wish = chance.choices(WISHES, WEIGHTS)[0]
        request.options.interactive = request.options.require_approval = wish == "approve"
        asked.append(Asked(request, wish))
    return asked


class User:
    """Whoever asked. Every choice is drawn from *chance*."""

    def __init__(self, asked: Asked, readers: Readers, chance: random.Random) -> None:
        self._asked, self._readers, self._chance = asked, readers, chance

    async def live(self) -> None:
        """Ask, read over gRPC twice and over SSE once, and do what else was meant."""
        run_id = await self._create()
        self._asked.records = [Record(run_id, by) for by in ("grpc", "grpc", "sse")]
        async with asyncio.TaskGroup() as group:
            for record in self._asked.records:
                group.create_task(self._readers.read(record, self._readers.anywhere(self._chance)))
            group.create_task(self._steer(run_id, self._asked.records[0]))

    async def _create(self) -> str:
        """Ask until there is an answer; every third user asks once more, as if the answer had been lost."""
        answers = [await self._accepted()]
        if self._chance.random() < 0.3:
            answers.append(await self._accepted())
        return answers[0]

    async def _accepted(self) -> str:
        failures = 0
        while not (run_id := await self._answer()):
            await asyncio.sleep(pause(failures))
            failures += 1
        self._asked.runs.add(run_id)
        return run_id

    async def _answer(self) -> str:
        self._asked.tries += 1
        return await (self._over_http() if self._chance.random() < 0.3 else self._over_grpc())

    async def _over_grpc(self) -> str:
        # Some do not wait for the answer, which says nothing of whether the run was made.
        patience = self._chance.choice((0.02, ANSWER_SECONDS, ANSWER_SECONDS))
        request = CreateRunRequest(run=self._asked.request)
        try:
            return (await self._stub().CreateRun(request, timeout=patience)).run.run_id
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING:
                raise
            return ""

    async def _over_http(self) -> str:
        request = self._asked.request
        body = {**MessageToDict(request), "requestId": ""}
        headers = {"Idempotency-Key": request.request_id}
        try:
            answer = await self._readers.http.post("/v1/runs", json=body, headers=headers, timeout=ANSWER_SECONDS)
        except httpx.TransportError:
            return ""
        if answer.status_code in (502, 503, 504):
            return ""
        assert answer.status_code in (200, 201), answer.text
        run_id: str = answer.json()["run"]["runId"]
        return run_id

    async def _steer(self, run_id: str, record: Record) -> None:
        match self._asked.wish:
            case "cancel":
                await asyncio.sleep(self._chance.uniform(0.0, 1.5))
                await self._insist("CancelRun", CancelRunRequest(run_id=run_id))
            case "rest":
                await asyncio.sleep(self._chance.uniform(0.0, 1.5))
                await self._insist("PauseRun", PauseRunRequest(run_id=run_id))
                while not record.ended:
                    await asyncio.sleep(self._chance.uniform(1.0, 3.0))
                    # Again if need be: a server that was stopped may hear of the pause only now.
                    await self._insist("ResumeRun", ResumeRunRequest(run_id=run_id))
            case "approve":
                while not record.ended and not record.input:  # noqa: ASYNC110 - an event of another task
                    await asyncio.sleep(0.05)
                await asyncio.sleep(self._chance.uniform(0.0, 3.0))
                if record.input:
                    answer = InputAnswer(input_id=record.input, decision=DECISION_APPROVE)
                    await self._insist("RespondToRun", RespondToRunRequest(run_id=run_id, answer=answer))

    async def _insist(self, method: str, request: Message) -> None:
        """Ask whichever server until one answers, be it that this was done before, or is too late."""
        while True:
            try:
                await getattr(self._stub(), method)(request, timeout=ANSWER_SECONDS)
                return
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                    return
                if error.code() not in PASSING:
                    raise
            await asyncio.sleep(0.2)

    def _stub(self) -> RunServiceStub:
        return self._chance.choice(self._readers.stubs)
