"""The command `levada`: the same events as every other client's, shown in a terminal."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

from levada.cli import listing, steering, watching
from levada.client import Client, connect
from levada.errors import CallFailed, LevadaError

Command = Callable[[Client, argparse.Namespace], Awaitable[int]]
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 0 when what was asked for happened."""
    arguments = parser().parse_args(argv)
    try:
        return asyncio.run(_run(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1


async def _run(arguments: argparse.Namespace) -> int:
    try:
        async with connect(arguments.server) as client:
            return await arguments.command(client, arguments)
    except LevadaError as error:
        print(f"levada: {error}", file=sys.stderr)
        if isinstance(error, CallFailed):
            for field, problem in error.violations.items():
                if problem not in str(error):
                    print(f"  {field}: {problem}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--server", default="", metavar="HOST:PORT", help="default: $LEVADA_GRPC, else 127.0.0.1:50051")
    common.add_argument("--json", action="store_true", help="print one JSON object a line")
    top = argparse.ArgumentParser(prog="levada", description="Ask a question of your data and watch it worked out.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Command, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=words, description=words)
        sub.set_defaults(command=function)
        return sub

    _asking(command)
    _steering(command)
    command("sources", listing.sources, "List the sources").add_argument("name", nargs="?", help="describe this one")
    command("pipelines", listing.pipelines, "List the kinds of work that the server does")
    command("models", listing.models, "List the models")
    return top


def _asking(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    ask = command("ask", watching.ask, "Ask a question and watch the answer being worked out")
    ask.add_argument("question", nargs="+", help="in plain words; quotes are not needed")
    ask.add_argument("--source", action="append", default=[], help="name of a source; may be repeated")
    ask.add_argument("--pipeline", default="", help="kind of work (default: query)")
    ask.add_argument("--conversation", default="", metavar="ID", help="ask within a conversation, for follow-ups")
    ask.add_argument("--approve", action="store_true", help="be asked before a query is run")
    ask.add_argument("--dry-run", action="store_true", help="write and check the query, run nothing")
    ask.add_argument("--sql", default="", help="run this query, checked like any other, in place of a written one")
    ask.add_argument("--rows", type=int, default=0, metavar="N", help="rows to return at most")
    ask.add_argument("--timeout", type=float, default=0, metavar="S", help="seconds that the run may work")
    ask.add_argument("--no-input", action="store_true", help="never ask me anything")
    watch = command("watch", watching.watch, "Watch a run, live or past")
    watch.add_argument("run_id", metavar="ID")
    watch.add_argument("--after", type=int, default=0, metavar="N", help="say nothing of what came up to this event")


def _steering(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    runs = command("runs", listing.runs, "List your runs, newest first")
    runs.add_argument("--limit", type=int, default=20)
    command("show", listing.show, "Show a run").add_argument("run_id", metavar="ID")
    for name, words in (("cancel", "Cancel a run"), ("pause", "Pause a run"), ("resume", "Resume a paused run")):
        command(name, getattr(steering, name), words).add_argument("run_id", metavar="ID")
    respond = command("respond", steering.respond, "Answer what a run asks")
    respond.add_argument("run_id", metavar="ID")
    respond.add_argument("answer", help="approve, reject, or for a clarification an option's number or your words")
    respond.add_argument("--edit", default="", metavar="SQL", help="with approve: run this instead")
    fork = command("fork", steering.fork, "Ask again from a completed step of a run")
    fork.add_argument("run_id", metavar="ID")
    fork.add_argument("--step", default="", help="the last step to keep")
    fork.add_argument("--question", default="", help="the question to ask instead")
    fork.add_argument("--sql", default="", help="the query to run instead")
    export = command("export", steering.export, "Write a run's rows to standard output or a file")
    export.add_argument("run_id", metavar="ID")
    export.add_argument("--format", default="csv", choices=["csv", "jsonl", "parquet", "arrow"])
    export.add_argument("--out", default="-", metavar="FILE")
