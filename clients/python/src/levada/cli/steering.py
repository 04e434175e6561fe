"""Commands that change a run."""

import argparse
import asyncio
import contextlib

from google.protobuf import json_format

from levada.client import Client
from levada.errors import LevadaError
from levada.v1 import event_pb2 as events
from levada.v1 import run_pb2

CHECKED_WITHIN = 1.0


def state_of(run: run_pb2.Run) -> str:
    """Return a run's state as people read it."""
    return run_pb2.RunState.Name(run.state).removeprefix("RUN_STATE_").lower()


def tell(run: run_pb2.Run, arguments: argparse.Namespace, *lines: str) -> int:
    """Print *run* as JSON where that was asked for, else *lines*."""
    for line in [json_format.MessageToJson(run, indent=None)] if arguments.json else lines:
        print(line)
    return 0


async def cancel(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.cancel(arguments.run_id, arguments.cause)
    if run.HasField("end_time"):
        return tell(run, arguments, f"{run.run_id} is {state_of(run)}.")
    return tell(run, arguments, f"{run.run_id} was asked to stop; it ends in a moment.")


async def pause(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.pause(arguments.run_id)
    rests = run.state == run_pb2.RUN_STATE_PAUSED
    said = "is paused." if rests else "rests before its next step, once the step at work is done."
    return tell(run, arguments, f"{run.run_id} {said}", f"Let it go on: levada resume {run.run_id}")


async def resume(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.resume(arguments.run_id)
    return tell(run, arguments, f"{run.run_id} goes on.", f"Watch it: levada watch {run.run_id}")


async def respond(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.get(arguments.run_id)
    if not run.HasField("input"):
        raise LevadaError("That run asks nothing at the moment.")
    answer, before = to_answer(run.input, arguments.answer, arguments.edit), run.last_sequence
    run = await client.respond(arguments.run_id, answer)
    if answer.decision != events.DECISION_EDIT:
        return tell(run, arguments, f"{run.run_id} has your answer and goes on.")
    refused = await _refused(client, run.run_id, before)
    if refused is None:
        return tell(run, arguments, f"{run.run_id} has your query, which is checked before it is run.")
    tell(
        run, arguments, f"That query was refused ({refused.rule}): {refused.message}", f"See: levada show {run.run_id}"
    )
    return 1


async def _refused(client: Client, run_id: str, after: int) -> events.QueryRefused | None:
    """Return why the query was refused, if that is known within a moment."""
    with contextlib.suppress(TimeoutError, LevadaError):
        async with asyncio.timeout(CHECKED_WITHIN):
            while True:
                page, ended = await client.list_events(run_id, after, wait=CHECKED_WITHIN)
                for event in page:
                    after = event.sequence
                    if event.HasField("query_refused"):
                        return event.query_refused
                    if event.HasField("query_validated"):
                        return None
                if ended:
                    return None
    return None


def by_number(asked: events.InputRequested, words: str) -> str:
    """Return the value of the option whose number *words* are, else *words*."""
    number = int(words) if words.isdecimal() else 0
    return asked.options[number - 1].value if 0 < number <= len(asked.options) else words


def to_answer(asked: events.InputRequested, words: str, edited: str = "") -> run_pb2.InputAnswer:
    """Return what *words* typed by a person mean as an answer to *asked*. Raises LevadaError."""
    answer, words = run_pb2.InputAnswer(input_id=asked.input_id), by_number(asked, words)
    if asked.kind == events.INPUT_KIND_CLARIFICATION:
        answer.text = words
    elif edited:
        answer.decision, answer.text = events.DECISION_EDIT, edited
    elif words.lower() in {"a", "y", "yes", "approve"}:
        answer.decision = events.DECISION_APPROVE
    elif words.lower() in {"r", "n", "no", "reject"}:
        answer.decision = events.DECISION_REJECT
    else:
        raise LevadaError('Answer "approve" or "reject", or give --edit with the query to run instead.')
    return answer
