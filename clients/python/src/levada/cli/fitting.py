"""What does not fit into the terminal while it changes: the newest lines are kept, at the end everything is printed."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

Lines = Sequence[Sequence[Segment]]


class Fitting:
    """Draws *head* over *body* in the terminal's height: the head gets half of it, or what the body leaves free."""

    def __init__(self, head: RenderableType, body: RenderableType) -> None:
        self._head = head
        self._body = body

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        head = console.render_lines(self._head, options, pad=False)
        body = console.render_lines(self._body, options, pad=False)
        # A line for the mark between them, one for what the terminal itself puts under them.
        room = console.size.height - 2
        if len(head) + len(body) <= room:
            yield from _segments([*head, *body])
            return
        kept = max(room // 2, room - len(body))
        yield from _segments(head[-kept:])
        yield Text("  ⋮", "dim")
        yield from _segments(body[-(room - min(kept, len(head))) :])


def _segments(lines: Lines) -> RenderResult:
    for line in lines:
        yield from line
        yield Segment.line()
