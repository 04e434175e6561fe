"""Commands that change a run."""

import argparse
import asyncio
import sys
from pathlib import Path

from google.protobuf import json_format

from levada.client import Client
from levada.errors import LevadaError
from levada.v1 import event_pb2 as events
from levada.v1 import run_pb2
from levada.v1 import run_service_pb2 as service


def _tell(run: run_pb2.Run, arguments: argparse.Namespace) -> int:
    state = run_pb2.RunState.Name(run.state).removeprefix("RUN_STATE_").lower()
    print(json_format.MessageToJson(run, indent=None) if arguments.json else f"{run.run_id} is {state}.")
    return 0


async def cancel(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.cancel(arguments.run_id)
    if arguments.json or run.HasField("end_time"):
        return _tell(run, arguments)
    print(f"{run.run_id} was asked to stop; it ends in a moment.")
    return 0


async def pause(client: Client, arguments: argparse.Namespace) -> int:
    return _tell(await client.pause(arguments.run_id), arguments)


async def resume(client: Client, arguments: argparse.Namespace) -> int:
    return _tell(await client.resume(arguments.run_id), arguments)


async def respond(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.get(arguments.run_id)
    if not run.HasField("input"):
        raise LevadaError("That run asks nothing at the moment.")
    answer = to_answer(run.input, arguments.answer, arguments.edit)
    return _tell(await client.respond(arguments.run_id, answer), arguments)


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


async def fork(client: Client, arguments: argparse.Namespace) -> int:
    edits = {"step": arguments.step, "question": arguments.question, "query": arguments.sql}
    return _tell(await client.fork(arguments.run_id, **edits), arguments)


async def export(client: Client, arguments: argparse.Namespace) -> int:
    chosen = service.ExportFormat.Value(f"EXPORT_FORMAT_{arguments.format.upper()}")
    opened = sys.stdout.buffer if arguments.out == "-" else await asyncio.to_thread(Path(arguments.out).open, "wb")
    with opened as file:
        async for piece in client.export(arguments.run_id, chosen):
            file.write(piece)
    return 0
