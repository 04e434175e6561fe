"""Text from databases and people must not steer the terminal: a control character is shown as a strange one."""

from google.protobuf.message import Message

from levada.v1 import event_pb2 as events

_KEPT = "\n\t"


def clean(text: str) -> str:
    """Return *text* with every control character but line breaks and tabs replaced."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _KEPT else "\ufffd" for c in text)


def cleaned(event: events.Event) -> events.Event:
    """Clean all texts of *event* in place, rows apart (they are many; each cell is cleaned when it is shown)."""
    if event.WhichOneof("payload") != "table_rows":
        _clean(event)
    return event


def _clean(message: Message) -> None:
    for field, value in message.ListFields():
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry:
                continue
            for part in value if field.is_repeated else [value]:
                _clean(part)
        elif field.type == field.TYPE_STRING:
            if field.is_repeated:
                value[:] = [clean(text) for text in value]
            else:
                setattr(message, field.name, clean(value))
