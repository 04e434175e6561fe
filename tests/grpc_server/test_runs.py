"""Creating, finding, steering and watching runs over a real channel."""

import asyncio

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from core.settings import Settings
from grpc_server import polling
from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import InputAnswer, RunOptions, RunState
from tests.grpc_server.said import ask, done, refused, text
from tests.servers import until


async def create(server, **fields):
    return (await server.runs.CreateRun(pb.CreateRunRequest(run=ask(**fields)))).run.run_id


async def sequences(stream):
    return [event.sequence async for answer in stream for event in answer.events]


async def test_a_run_is_created_and_found_again(server):
    answer = await server.runs.CreateRun(pb.CreateRunRequest(run=ask("How many customers?")))
    assert not answer.existed
    found = await server.runs.GetRun(pb.GetRunRequest(run_id=answer.run.run_id))
    assert found.run.request.question == "How many customers?"


async def test_the_same_request_id_gives_the_same_run(server):
    request = pb.CreateRunRequest(run=ask(request_id="once"))
    first = await server.runs.CreateRun(request)
    second = await server.runs.CreateRun(request)
    assert (second.run.run_id, second.existed) == (first.run.run_id, True)


async def test_a_watcher_gets_every_event_up_to_the_end_and_then_ok(server, runs):
    run_id = await create(server)
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
    reading = asyncio.ensure_future(sequences(stream))
    for _ in range(20):
        runs.say(run_id, text())
        await asyncio.sleep(0)
    runs.say(run_id, done())
    assert await reading == list(range(1, 23))
    assert await stream.code() == grpc.StatusCode.OK


async def test_watching_from_each_number_gives_the_rest_exactly_once(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 3_000) for _ in range(60)), done())
    for after in range(63):
        stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=after))
        assert await sequences(stream) == list(range(after + 1, 63))


async def test_events_that_are_ready_share_messages_bounded_by_bytes(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 1_000) for _ in range(200)), done())
    sizes = [answer.ByteSize() async for answer in server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))]
    assert 6 <= len(sizes) <= 9
    assert max(sizes) < 35_000


async def test_an_event_bigger_than_a_message_should_be_goes_alone(server, runs):
    run_id = await create(server)
    runs.say(run_id, text("x" * 200_000), text(), done())
    answers = [len(answer.events) async for answer in server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))]
    assert answers == [2, 2]


async def test_what_was_stored_arrives_byte_for_byte_with_fields_this_server_does_not_know(server, runs):
    run_id = await create(server)
    unknown = b"\xfa\x7f\x03new"  # field 2047, a later version's
    runs.held[run_id].events.append(text().SerializeToString() + unknown)
    runs.say(run_id, done())
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
    events = [event async for answer in stream for event in answer.events]
    assert events[1].SerializeToString().endswith(unknown)


@pytest.mark.parametrize("settings", [Settings(heartbeat=0.05)])
async def test_silence_is_broken_by_heartbeats_without_events(server, settings):
    run_id = await create(server)
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=1))
    assert [len((await stream.read()).events) for _ in range(3)] == [0, 0, 0]
    stream.cancel()


async def test_asking_and_watching_is_one_call(server, runs):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask("Which city?")))
    answers = aiter(stream)
    run_id = (await anext(answers)).events[0].run_id
    assert runs.held[run_id].run.request.question == "Which city?"
    runs.say(run_id, text(), done())
    assert [event.sequence async for answer in answers for event in answer.events] == [2, 3]


async def test_leaving_does_not_cancel(server, runs):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask()))
    run_id = (await stream.read()).events[0].run_id
    await until(lambda: runs.waiting == 1)
    stream.cancel()
    await until(lambda: runs.waiting == 0)
    runs.say(run_id, text(), done())
    again = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=1))
    assert await sequences(again) == [2, 3]


async def test_a_reader_that_leaves_in_the_middle_of_a_message_is_no_error(server, runs, caplog):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 60_000) for _ in range(40)))
    for _ in range(20):
        stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
        await stream.read()
        stream.cancel()
        await server.runs.GetRun(pb.GetRunRequest(run_id=run_id))
    runs.say(run_id, done())
    assert len(await sequences(server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id)))) == 42
    assert not caplog.records


async def test_leaving_cancels_when_the_request_said_so(server, runs):
    request = ask()
    request.options.cancel_on_disconnect = True
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=request))
    run_id = (await stream.read()).events[0].run_id
    stream.cancel()
    await until(lambda: runs.held[run_id].ended)
    assert runs.held[run_id].run.state == RunState.RUN_STATE_CANCELLED


async def test_leaving_while_the_run_is_made_cancels_it_too(server, runs, monkeypatch):
    made, go_on = asyncio.Event(), asyncio.Event()
    create_now = runs.create

    async def create_slowly(*args):
        made.set()
        await go_on.wait()
        return await create_now(*args)

    monkeypatch.setattr(runs, "create", create_slowly)
    request = ask()
    request.options.cancel_on_disconnect = True
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=request))
    await made.wait()
    stream.cancel()
    await server.runs.ListRuns(pb.ListRunsRequest())  # by its answer the server knows of the leaving
    go_on.set()
    await until(lambda: any(held.ended for held in runs.held.values()))


async def test_a_run_is_cancelled_with_its_cause(server, runs):
    run_id = await create(server)
    answer = await server.runs.CancelRun(pb.CancelRunRequest(run_id=run_id, cause="Wrong question"))
    assert answer.run.state == RunState.RUN_STATE_CANCELLED
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id))
    events = [event async for answer in stream for event in answer.events]
    assert events[-1].cancelled.cause == "Wrong question"


async def test_an_input_request_is_answered(server, runs):
    run_id = await create(server)
    runs.held[run_id].run.input.input_id = "which"
    await server.runs.RespondToRun(
        pb.RespondToRunRequest(run_id=run_id, answer=InputAnswer(input_id="which", text="revenue"))
    )
    assert runs.held[run_id].answers[0].text == "revenue"


async def test_events_can_be_polled_page_by_page(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text() for _ in range(248)), done())
    seen, pages, ended = [], 0, False
    while not ended:
        page = await server.runs.ListRunEvents(
            pb.ListRunEventsRequest(run_id=run_id, after_sequence=len(seen), page_size=60)
        )
        seen += [event.sequence for event in page.events]
        ended, pages = page.ended, pages + 1
    assert (seen, pages) == (list(range(1, 251)), 5)


async def test_whoever_waits_for_a_page_costs_no_reading_of_the_store(server, runs, monkeypatch):
    monkeypatch.setattr(polling, "LOOK", 0.01)
    run_id, reads, read = await create(server), [], runs.read

    async def counted(*arguments, **more):
        reads.append(arguments)
        return await read(*arguments, **more)

    monkeypatch.setattr(runs, "read", counted)
    waiting = pb.ListRunEventsRequest(run_id=run_id, after_sequence=1)
    waiting.wait.FromMilliseconds(300)
    assert not (await server.runs.ListRunEvents(waiting)).events
    assert len(reads) == 2


async def test_runs_are_listed_newest_first_page_by_page(server):
    ids = [await create(server, conversation_id="talk") for _ in range(5)]
    await create(server)
    request = pb.ListRunsRequest(page_size=2, conversation_id="talk")
    listed = []
    while True:
        page = await server.runs.ListRuns(request)
        listed += [run.run_id for run in page.runs]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    assert listed == ids[::-1]


async def test_a_page_token_is_good_only_for_its_own_listing(server):
    for _ in range(3):
        await create(server)
    token = (await server.runs.ListRuns(pb.ListRunsRequest(page_size=1))).next_page_token
    for request in (
        pb.ListRunsRequest(page_token=token, states=[RunState.RUN_STATE_FAILED]),
        pb.ListRunsRequest(page_token="made up"),
        pb.ListRunsRequest(page_token="é"),
    ):
        told = await refused(server.runs.ListRuns(request))
        assert told.reason == "INVALID_REQUEST"
        assert "page_token" in told.violations


async def test_a_run_is_paused_and_resumed(server):
    run_id = await create(server)
    paused = await server.runs.PauseRun(pb.PauseRunRequest(run_id=run_id))
    assert (paused.run.state, paused.run.pause_by) == (RunState.RUN_STATE_PAUSED, "local")
    resumed = await server.runs.ResumeRun(pb.ResumeRunRequest(run_id=run_id))
    assert resumed.run.state == RunState.RUN_STATE_QUEUED
    told = await refused(server.runs.ResumeRun(pb.ResumeRunRequest(run_id=run_id)))
    assert (told.code, told.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RUN_NOT_PAUSED")


async def test_a_run_is_forked_and_the_fork_says_of_what(server):
    run_id = await create(server)
    request = pb.ForkRunRequest(run_id=run_id, question="And then?", request_id="once")
    first = await server.runs.ForkRun(request)
    again = await server.runs.ForkRun(request)
    assert (first.run.forked_from, first.run.request.question, first.existed) == (run_id, "And then?", False)
    assert (again.run.run_id, again.existed) == (first.run.run_id, True)


async def test_an_edit_is_checked_like_a_request(server):
    run_id = await create(server)
    request = pb.ForkRunRequest(
        run_id=run_id,
        question=" ",
        query="SELECT 1\x00",
        step="s" * 257,
        request_id="r" * 129,
        options=RunOptions(analyze=99, row_limit=-1, models={"boss": "x"}, deadline=Duration(), timeout=Duration()),
    )
    told = await refused(server.runs.ForkRun(request))
    assert told.code == grpc.StatusCode.INVALID_ARGUMENT
    options = {f"options.{name}" for name in ("analyze", "row_limit", "models['boss']", "deadline", "timeout")}
    assert set(told.violations) == {"question", "query", "step", "request_id"} | options


async def test_a_question_that_is_none_is_not_classified(server):
    told = await refused(server.queries.Classify(queries.ClassifyRequest(question=" ", sources=[""])))
    assert (told.code, set(told.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, {"question", "sources[0]"})


async def test_without_any_source_a_classification_says_so(server):
    told = await server.queries.Classify(queries.ClassifyRequest(question="?"))
    assert (told.pipeline, list(told.sources)) == ("query", [])
    assert "No source is configured" in told.cause
