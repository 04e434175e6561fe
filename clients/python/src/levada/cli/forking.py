"""`levada fork`: ask again from a step of a run, keeping what was done before."""

import argparse
from collections.abc import Sequence
from textwrap import shorten

from levada.cli.steering import tell
from levada.cli.watching import follow
from levada.client import Client
from levada.errors import CallFailed, CursorExpired, LevadaError

PAGE = 1000


async def fork(client: Client, arguments: argparse.Namespace) -> int:
    edits = {"step": arguments.step, "question": arguments.question, "query": arguments.query}
    try:
        run = await client.fork(arguments.run_id, **edits)
    except CallFailed as error:
        if error.reason == "STEP_NOT_FOUND":
            steps = await _completed(client, arguments.run_id)
            raise LevadaError(_to_choose_from(f"The run completed no step {arguments.step!r}.", steps)) from None
        raise
    if arguments.watch:
        return await follow(client, client.watch(run.run_id), arguments)
    # What an edit makes void is only known once the run begins; its first event tells.
    most = f"keeps at most what {arguments.run_id} did up to {arguments.step}; what an edit changes is done anew"
    kept = most if arguments.step else "begins anew"
    return tell(run, arguments, f"{run.run_id} was made; it {kept}.", f"Watch it: levada watch {run.run_id}")


async def _completed(client: Client, run_id: str) -> Sequence[tuple[str, str]]:
    """Return the steps that a run completed, in that order, each with its result in a few words."""
    steps: dict[str, str] = {}
    after = 0
    while True:
        try:
            page, _ = await client.list_events(run_id, after, PAGE)
        except CursorExpired as gap:
            after = gap.oldest - 1
            continue
        if not page:
            return list(steps.items())
        after = page[-1].sequence
        steps |= {event.step: event.step_completed.summary for event in page if event.HasField("step_completed")}


def _to_choose_from(problem: str, steps: Sequence[tuple[str, str]]) -> str:
    if not steps:
        return f"{problem} It has completed no step yet; without --from it is asked again from the beginning."
    width = max(len(step) for step, _ in steps)
    lines = (f"  --from {step:{width}}  {shorten(summary, 80)}".rstrip() for step, summary in steps)
    return "\n".join([f"{problem} Keep what it did up to one of these:", *lines])
