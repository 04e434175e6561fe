"""What readers who stand together share, and what a reader who stands still may keep."""

import pytest

from gateway import dialects
from gateway.arrivals import Arrival
from gateway.encoding import SMALL, Encoder
from levada.v1.event_pb2 import CHANNEL_SQL, Event, TextDelta


def arrival(count: int, text: str) -> Arrival:
    deltas = (TextDelta(channel=CHANNEL_SQL, text=text) for _ in range(count))
    events = (Event(run_id="r", sequence=number, text_delta=delta) for number, delta in enumerate(deltas, 1))
    return Arrival(1, [event.SerializeToString() for event in events])


@pytest.mark.parametrize(
    ("arrived", "shared"),
    [
        (arrival(1, "a"), True),
        (arrival(3, "long" * SMALL), True),
        (arrival(SMALL, "\x01"), False),  # its words are many times its size
    ],
    ids=["small", "large", "outgrown"],
)
def test_words_are_kept_for_the_next_reader_unless_they_outgrow_what_arrived(arrived: Arrival, shared: bool):
    first, second = (Encoder(dialects.DIALECTS["native"](), 0) for _ in range(2))
    words = first.encode(arrived)
    assert bool(arrived.told) is shared
    assert second.encode(arrived) == words
