"""What is put together from bytes is the Event that the protos say."""

from core.event import Said, Text, envelope
from levada.v1 import event_pb2 as events


def whole(number: int, **payload) -> events.Event:
    about = {"run_id": "r", "sequence": number, "trace_id": "t", "step": "execute_sql", "attempt": 2, "progress": 0.5}
    return events.Event(**about, **payload)


def without_time(data: bytes) -> events.Event:
    event = events.Event.FromString(data)
    assert event.time.seconds
    assert event.SerializeToString() == data
    event.ClearField("time")
    return event


def test_a_payload_of_bytes_makes_the_same_event_as_a_message():
    rows = events.TableRows(table_id="t-1", row_count=3000, columns=[events.ColumnValues()])
    rows.columns[0].ints.values.extend(range(3000))
    for number, payload in ((1, events.RunPaused()), (300, rows)):
        said = Said.of(envelope("r", "t", "execute_sql", 2, 0.5), payload)
        name = "table_rows" if payload is rows else "paused"
        assert without_time(said.numbered(number)) == whole(number, **{name: payload})


def test_pieces_of_text_make_one_event():
    text = Text(envelope("r", "t", "execute_sql", 2, 0.5), ("execute_sql", 2, events.CHANNEL_SQL), ["SEL", "ECT"], 6)
    delta = events.TextDelta(channel=events.CHANNEL_SQL, text="SELECT")
    assert without_time(text.numbered(7)) == whole(7, text_delta=delta)


def test_halves_of_a_character_are_joined_and_one_alone_is_shown_as_unknown():
    key, parts = ("execute_sql", 2, events.CHANNEL_ANSWER), ["a \ud83d", "\ude00 b \ud83d c"]
    text = Text(envelope("r", "t", "execute_sql", 2, 0.5), key, parts, 9)
    delta = events.TextDelta(channel=events.CHANNEL_ANSWER, text="a \U0001f600 b \ufffd c")
    assert without_time(text.numbered(7)) == whole(7, text_delta=delta)
