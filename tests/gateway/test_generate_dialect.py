"""The `generate` dialect and its routes: each step of making an exercise as it is done, and the exercise itself."""

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from core.pipeline import Pipeline
from core.settings import Limits, Settings
from gateway.dialects import Generate
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event
from tests.gateway import stories
from tests.gateway.eventsource import Message, Stream
from tests.gateway.stories import spoken, timed
from tests.grpc_server.conftest import QUERY
from tests.limits import LIFTED
from tests.servers import until

GOLDEN = Path(__file__).parent / "golden" / "generate.sse"
PATH = "/api/generate-stream"
TOPIC = {"topic": "GRPO in RL"}


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [replace(QUERY, name="assessment")]


@pytest.fixture
def settings() -> Settings:
    roles = {"strong": "openai:big", "weak": "openai:small"}
    return Settings(http="127.0.0.1:0", limits=Limits(streams=5_000, **LIFTED), model="offline,openai:big", roles=roles)


async def generate(door, runs, said: list[Event], **params: str) -> tuple[str, list[Message]]:
    """Have an exercise made as a browser does, while the run says that."""
    async with door.client.stream("GET", PATH, params=TOPIC | params) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream"), answer
        run_id = next(reversed(runs.held))
        timed(runs, run_id, said)
        return run_id, await Stream(answer).all()


def said(*events: Event) -> list[tuple[str, dict]]:
    dialect = Generate()
    return [one for event in events for one in dialect.say(event)]


async def test_the_transcript_is_the_golden_one(door, runs):
    run_id, _ = await generate(door, runs, stories.assessment())
    answer = await door.client.get(f"/v1/runs/{run_id}/events?dialect=generate")
    # On a run's own stream the run needs no naming.
    assert answer.text.replace(run_id, "RUN") == GOLDEN.read_text().replace("id: RUN:", "id: ")
    again = await door.client.get(PATH, headers={"Last-Event-ID": f"{run_id}:0"})
    assert again.text.replace(run_id, "RUN") == GOLDEN.read_text()


async def test_the_frames_have_the_design_s_names_and_fields(door, runs):
    _, told = await generate(door, runs, stories.assessment())
    assert [message.event for message in told] == ["start", *["step"] * 12, "done"]
    start, *steps, final, done = [message.json for message in told]
    assert start.keys() == {"event", "topic", "timestamp"}
    assert (start["event"], start["topic"]) == ("start", "GRPO in RL")
    assert [step["step_number"] for step in steps] == [1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7]
    named = {"type", "step_number", "description", "model", "success", "timestamp", "response_preview", "response_full"}
    assert all(step.keys() >= named | {"prompt", "duration_seconds"} and step["type"] == "step" for step in steps)
    assert [step["model"] for step in steps[2:6]] == ["strong-1", "mid-1", "weak-1", "strong-1"]
    assert all(len(step["response_preview"]) == 500 < len(step["response_full"]) for step in steps)
    assert all(step["response_full"].startswith(step["response_preview"]) for step in steps)
    assert final.keys() == {"type", *RESULT}
    assert (final["type"], final["success"], final["total_attempts"], final["stopped_at_step"]) == ("final", True, 2, 7)
    assert final["assessment"]["errors"] == [
        {"id": "ratio * advantage without a clip", "description": "The ratio is not clipped."}
    ]
    assert final["assessment"]["code"][1] == "loss = <<ratio * advantage without a clip>>"
    assert (done["event"], done["total_duration_seconds"]) == ("done", 12.5)


RESULT = {"success", "differentiation_achieved", "total_attempts", "stopped_at_step", "assessment", "metadata"}


async def test_who_may_not_see_prompts_sees_the_steps_without_them(door, runs):
    _, told = await generate(door, runs, stories.assessment(told=False))
    steps = [message.json for message in told if message.json.get("type") == "step"]
    assert {(step["prompt"], step["response_full"], step["model"]) for step in steps} == {(None, None, None)}
    assert {step["response_preview"] for step in steps} == {"Done."}


async def test_what_could_not_be_made_is_a_result_that_says_so(door, runs):
    _, told = await generate(door, runs, stories.assessment(success=False))
    final, done = [message.json for message in told[-2:]]
    assert (final["success"], final["assessment"], final["stopped_at_step"]) == (False, None, 6)
    assert final["metadata"]["message"] == "Both answers avoided all mistakes."
    assert done["event"] == "done"


async def test_what_breaks_off_is_an_error(door, runs):
    failed = pb.RunFailed(reason=reasons.ERROR_REASON_MODEL_UNAVAILABLE, message="The model is away.")
    begun = stories.assessment()[:5]
    _, told = await generate(door, runs, [*begun, Event(failed=failed)])
    assert (told[-1].event, told[-1].json["type"], told[-1].json["error"]) == ("error", "error", "The model is away.")
    assert told[-1].json.keys() == {"type", "error", "timestamp"}
    assert said(Event(cancelled=pb.RunCancelled()))[-1][1]["error"] == "Cancelled."


def test_a_step_that_failed_is_told_with_its_error():
    failed = stories.fails("judge", "No JSON came.", again=True)
    begun = [stories.started("assessment", "?", *stories.SEVEN), stories.begins("judge", "Judge both answers")]
    (_, start), (name, step) = said(*begun, failed)
    assert (name, step["step_number"], step["success"], step["error"]) == ("step", 6, False, "No JSON came.")
    assert start["event"] == "start"


async def test_a_browser_that_comes_back_goes_on_with_its_own_run(door, runs):
    run_id, whole = await generate(door, runs, stories.assessment())
    other, _ = await generate(door, runs, stories.assessment(success=False))
    assert other != run_id
    for at, frame in enumerate(whole[:-1]):
        again = await door.client.get(PATH, params=TOPIC, headers={"Last-Event-ID": frame.id})
        assert again.text.count("data:") == len(whole) - at - 1
        assert again.text.endswith(f"id: {whole[-1].id}\nevent: done\ndata: {whole[-1].data}\n\n")
    over = await door.client.get(PATH, params=TOPIC, headers={"Last-Event-ID": whole[-1].id})
    assert over.status_code == 204
    assert list(runs.held) == [run_id, other]


@pytest.mark.parametrize("last", ["5", ":5"])
async def test_coming_back_without_saying_to_which_run_makes_none(door, runs, last):
    answer = await door.client.get(PATH, params=TOPIC, headers={"Last-Event-ID": last})
    assert (answer.status_code, answer.json()["violations"][0]["field"]) == (400, "Last-Event-ID")
    assert not runs.held


async def test_coming_back_to_a_run_that_there_is_not_makes_none(door, runs):
    answer = await door.client.get(PATH, params=TOPIC, headers={"Last-Event-ID": "elsewhere:5"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "RUN_NOT_FOUND")
    assert not runs.held


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", heartbeat=0.1)])
async def test_steps_without_words_move_the_browser_s_id_on(door, runs):
    async with door.client.stream("GET", PATH, params=TOPIC) as answer:
        stream = Stream(answer)
        reading = asyncio.ensure_future(stream.next(1))
        (run_id,) = runs.held
        await until(lambda: stream.last_id == f"{run_id}:1")
        timed(runs, run_id, stories.assessment())
        assert [message.event for message in await reading] == ["start"]
        await stream.close()


async def test_what_is_wanted_reaches_the_run(door, runs):
    wanted = {"max_attempts": "2", "difficulty": "Advanced", "sub_topic": "Clipping", "seed": "-7", "token": "t"}
    await generate(door, runs, stories.assessment(), **wanted)
    request = next(iter(runs.held.values())).run.request
    assert (request.pipeline, request.question, request.options.max_attempts) == ("assessment", "GRPO in RL", 2)
    given = request.assessment
    assert (given.difficulty, given.sub_topic, given.seed) == ("Advanced", "Clipping", -7)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "topic"),
        ({"topic": " "}, "topic"),
        ({"topic": "t", "max_attempts": "6"}, "max_attempts"),
        ({"topic": "t", "max_attempts": "many"}, "max_attempts"),
        ({"topic": "t", "seed": "1.5"}, "seed"),
        ({"topic": "t", "level": "1"}, "level"),
    ],
)
async def test_a_wrong_wish_is_refused_by_the_field_s_name(door, runs, wanted, field):
    for answer in (await door.client.get(PATH, params=wanted), await door.client.post("/api/generate", json=wanted)):
        assert (answer.status_code, answer.json()["reason"]) == (400, "INVALID_REQUEST")
        assert field in [violation["field"] for violation in answer.json()["violations"]]
    assert not runs.held


async def test_an_exercise_can_be_made_whole(door, runs):
    async with spoken(runs, stories.assessment()):
        answer = await door.client.post("/api/generate", json={"topic": "GRPO in RL", "max_attempts": 2, "seed": 1})
    assert answer.status_code == 200
    assert answer.json().keys() == {*RESULT, "run_id"}
    assert answer.json()["assessment"]["title"] == "Find what is wrong"
    async with spoken(runs, stories.assessment(success=False)):
        answer = await door.client.post("/api/generate", json=TOPIC)
    assert (answer.status_code, answer.json()["success"], answer.json()["assessment"]) == (200, False, None)
    failed = pb.RunFailed(reason=reasons.ERROR_REASON_MODEL_UNAVAILABLE, message="Away.", retryable=True)
    async with spoken(runs, [Event(failed=failed)]):
        answer = await door.client.post("/api/generate", json=TOPIC)
    assert (answer.status_code, answer.json()["reason"]) == (503, "MODEL_UNAVAILABLE")


async def test_the_models_are_listed_by_their_roles(door):
    models = (await door.client.get("/api/models")).json()["models"]
    assert models["strong"]["model"] == "openai:big"
    assert models["weak"]["model"] == "openai:small"
    assert models["default"]["model"] == "offline"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
async def test_pages_of_other_origins_have_nothing_made_by_mere_reading(door, runs, headers):
    answer = await door.client.get(PATH, params=TOPIC, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")
    head = await door.client.head(PATH, params=TOPIC)
    assert head.status_code == 200
    assert not runs.held


async def test_the_own_page_and_allowed_origins_may_have_it_made(door, runs):
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": door.url}):
        with pytest.raises(httpx.ReadTimeout):
            await door.client.get(PATH, params=TOPIC, headers=headers, timeout=0.5)
    assert len(runs.held) == 2
