"""What is framed by hand is what the protos say."""

from hypothesis import given
from hypothesis import strategies as st

from grpc_server import frames
from levada.v1 import event_pb2, run_service_pb2
from levada.v1.query_service_pb2 import RunQueryResponse

stored = st.lists(
    st.builds(
        lambda number, text: event_pb2.Event(
            sequence=number, text_delta=event_pb2.TextDelta(text=text)
        ).SerializeToString(),
        st.integers(1, 2**62),
        st.text(max_size=3_000),
    ),
    max_size=5,
)


@given(stored)
def test_events(events):
    expected = [event_pb2.Event.FromString(event) for event in events]
    framed = frames.events(events)
    assert list(RunQueryResponse.FromString(framed).events) == expected
    assert list(run_service_pb2.WatchRunResponse.FromString(framed).events) == expected


@given(stored, st.booleans())
def test_pages(events, ended):
    page = run_service_pb2.ListRunEventsResponse.FromString(frames.page((events, ended)))
    assert ([event.SerializeToString() for event in page.events], page.ended) == (events, ended)


ids = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4)


@given(stored, ids, st.booleans(), st.booleans())
def test_batches_of_watches(events, watches, gap, end):
    news = frames.News(
        events,
        gap=run_service_pb2.WatchGap(oldest_sequence=41) if gap else None,
        end=run_service_pb2.WatchEnd(code="NOT_FOUND", reason="RUN_NOT_FOUND", message="¿?") if end else None,
    )
    framed = frames.batches([news.framed(*watches), news.framed(*watches)])
    message = run_service_pb2.WatchRunsResponse.FromString(framed)
    assert len(message.batches) == 2
    for batch in message.batches:
        assert [batch.watch_id, *batch.also] == watches
        assert [event.SerializeToString() for event in batch.events] == events
        assert (batch.HasField("gap"), batch.HasField("end")) == (gap, end)
        assert not gap or batch.gap == news.gap
        assert not end or batch.end == news.end


def test_nothing_is_a_heartbeat():
    assert frames.events([]) == frames.batches([]) == b""
