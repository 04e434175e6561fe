"""The texts of a run as they grow, for dialects whose last words repeat what was streamed."""

from dataclasses import dataclass, field

from levada.v1 import event_pb2 as pb

Key = tuple[str, pb.Channel]


@dataclass
class Texts:
    """Texts by step and channel. A later attempt of a step begins anew, so its earlier text is dropped."""

    _attempts: dict[Key, int] = field(default_factory=dict)
    _parts: dict[Key, list[str]] = field(default_factory=dict)

    def hear(self, event: pb.Event) -> str:
        """Take in an event of text; return what it adds: nothing, for a whole that came in pieces."""
        whole = event.HasField("text_completed")
        said = event.text_completed if whole else event.text_delta
        key = event.step, said.channel
        if event.attempt > self._attempts.setdefault(key, event.attempt):
            self._attempts[key] = event.attempt
            self._parts.pop(key, None)
        parts = self._parts.setdefault(key, [])
        new = "" if whole and parts else said.text
        if whole:
            parts.clear()
        parts.append(said.text)
        return new

    def whole(self, *channels: pb.Channel, within: str = "") -> str:
        """Return the texts of *channels*, in the order in which they began; only those of one step and its parts."""
        return "\n\n".join(
            "".join(parts)
            for (step, channel), parts in self._parts.items()
            if channel in channels and (not within or step == within or step.startswith(f"{within}/"))
        )
