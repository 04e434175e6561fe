"""One trace for every run: the caller's, with a span for the run and one for each step; no data in attributes."""

from core.identity import LOCAL
from core.pipeline import Run, Step, step
from levada.v1.run_pb2 import RunRequest
from tests.engine.stage import Stage, Word, answered, spec
from tests.spans import recorded

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
LOOK, WRITE = spec("look"), spec("write", 0.5)


@step(LOOK)
async def look(step: Step) -> Word:
    return Word(text="secret rows")


@step(WRITE)
async def write(step: Step) -> Word:
    return await step.run.step(look)


async def story(run: Run):
    await run.step(look)
    await run.step(write)
    return answered()


async def test_a_run_goes_on_with_the_caller_s_trace(stage: Stage):
    await stage.play(story, LOOK, WRITE)
    with recorded() as spans:
        run, _ = await stage.engine.create(LOCAL, RunRequest(pipeline="play", question="secret question"), PARENT)
        seen = await stage.watch(run.run_id)
        await stage.stop()
        assert {event.trace_id for event in seen} == {run.trace_id} == {TRACE}
        create, work, outer = spans.one("create run"), spans.one("run play"), spans.one("write")
        first, nested = spans.named("look")
        assert f"{create.parent.span_id:016x}" == "b7ad6b7169203331"
        assert work.parent.span_id == create.context.span_id
        assert first.parent.span_id == outer.parent.span_id == work.context.span_id
        assert nested.parent.span_id == outer.context.span_id
        assert nested.attributes["levada.step"] == "write/look"
        told = " ".join(str(span.attributes) + str([event.attributes for event in span.events]) for span in spans)
        assert "secret" not in told


async def test_a_failed_step_marks_its_span_and_the_run_s_by_reason(stage: Stage):
    async def fail(run: Run):
        @step(LOOK)
        async def broken(step: Step) -> None:
            raise ValueError("secret")

        await run.step(broken)
        return answered()

    await stage.play(fail, LOOK, WRITE)
    with recorded() as spans:
        await stage.ask()
        await stage.stop()
        for name in ("look", "run play"):
            span = spans.one(name)
            assert not span.status.is_ok
            assert span.attributes["error.type"] == "INTERNAL"
            assert not span.events
