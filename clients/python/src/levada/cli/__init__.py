"""The command `levada`: the same events as every other client's, shown in a terminal."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from levada.cli import (
    classifying,
    exporting,
    forking,
    kinds,
    knowledge,
    listing,
    models,
    refreshing,
    steering,
    watching,
)
from levada.cli.connection import complain
from levada.client import Client, connect
from levada.errors import CallFailed, LevadaError, ServerUnreachable, StreamInterrupted
from levada.export import FORMATS
from levada.retry import Retry

Command = Callable[[Client, argparse.Namespace], Awaitable[int]]
LOOKS = {listing.runs, listing.show, refreshing.sources, listing.pipelines, models.models}
PATIENCE = 5.0
REFUSED, UNREACHABLE, INTERRUPTED = 1, 3, 130
EXIT_CODES = """exit codes:
  0    what was asked for happened; a run that was watched completed
  1    the run failed, was cancelled or needs to know more, or the server refused
  2    the command line is wrong
  3    no server answers, or the connection was lost for good; a run may still go on
  130  left with Ctrl-C; a run goes on
"""


class _Parser(argparse.ArgumentParser):
    """Says what the exit codes mean under every command's help."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more, epilog=EXIT_CODES, formatter_class=argparse.RawDescriptionHelpFormatter)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code is 0 when what was asked for happened."""
    try:
        return asyncio.run(run(argv))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1


async def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line within an event loop that there is."""
    arguments = parser().parse_args(argv)
    try:
        # Who only looks something up rather hears what is wrong than waits for it to pass.
        looks = arguments.command in LOOKS
        retry = Retry(seconds=PATIENCE, silence=models.SILENCE) if looks else None
        async with connect(arguments.server, retry=retry, on_reconnect=complain) as client:
            return await arguments.command(client, arguments)
    except LevadaError as error:
        print(f"levada: {error}", file=sys.stderr)
        if isinstance(error, CallFailed):
            for field, problem in error.violations.items():
                if problem not in str(error):
                    print(f"  {field}: {problem}", file=sys.stderr)
            if error.retry_after and not error.lost and "ry again" not in str(error):
                print(f"  Try again in {error.retry_after:.0f} s.", file=sys.stderr)
        return UNREACHABLE if isinstance(error, ServerUnreachable | StreamInterrupted) else REFUSED


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    common = _Parser(add_help=False)
    common.add_argument(
        "--server",
        default="",
        metavar="HOST:PORT",
        help="several with commas between: the next is taken when one fails (default: $LEVADA_GRPC, else "
        "127.0.0.1:50051)",
    )
    common.add_argument("--json", action="store_true", help="print one JSON object a line")
    top = _Parser(prog="levada", description="Ask a question of your data and watch it worked out.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Command, words: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, parents=[common], help=words, description=words)
        sub.set_defaults(command=function)
        return sub

    _asking(command)
    _steering(command)
    _sources(command("sources", refreshing.sources, "List the sources, describe one, or have them looked at anew"))
    _knowledge(command("knowledge", knowledge.knowledge, "Add documents to be searched, list them, or remove some"))
    command("pipelines", listing.pipelines, "List the kinds of work that the server does")
    _models(command("models", models.models, "List the models, or check them: ask each to answer"))
    return top


def _sources(sources: argparse.ArgumentParser) -> None:
    sources.add_argument("name", nargs="?", help="describe this one; `refresh` has sources looked at anew")
    sources.add_argument("names", nargs="*", metavar="NAME", help="refresh only these (default: all)")


def _knowledge(documents: argparse.ArgumentParser) -> None:
    documents.add_argument("action", choices=["add", "list", "remove"])
    documents.add_argument(
        "names", nargs="*", metavar="NAME", help="files, folders or file:// URLs to add; names of documents to remove"
    )


def _models(models: argparse.ArgumentParser) -> None:
    models.add_argument(
        "action", nargs="?", choices=["check"], help="see whether each answers, streams, fills in forms"
    )
    models.add_argument("names", nargs="*", metavar="NAME", help="check only these (default: all)")


def _asking(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    ask = command("ask", classifying.ask, "Ask a question and watch the answer being worked out")
    ask.add_argument("question", nargs="+", help="in plain words; quotes are not needed")
    ask.add_argument("--source", action="append", default=[], help="name of a source; may be repeated")
    ask.add_argument("--pipeline", default="", help="kind of work (default: query for one source, else auto)")
    ask.add_argument("--explain", action="store_true", help="say which sources it needs and why, ask nothing")
    ask.add_argument("--conversation", default="", metavar="ID", help="ask within a conversation, for follow-ups")
    ask.add_argument("--approve", action="store_true", help="be asked before a query is run")
    ask.add_argument("--dry-run", action="store_true", help="write and check the query, run nothing")
    ask.add_argument("--sql", default="", help="run this query, checked like any other, in place of a written one")
    ask.add_argument("--rows", type=int, default=0, metavar="N", help="rows to return at most")
    ask.add_argument("--timeout", type=float, default=0, metavar="S", help="seconds that the run may work")
    ask.add_argument("--analyze", choices=list(watching.ANALYSES)[1:], default="", help="how much to make of the rows")
    ask.add_argument("--model", default="", metavar="NAME", help="model or role to ask (see levada models)")
    ask.add_argument("--candidates", type=int, default=0, metavar="N", help="queries to write and choose from, 1 to 5")
    _verbose(ask)
    _reveal(ask)
    kinds.arguments(ask)
    ask.add_argument("--no-input", action="store_true", help="never ask me anything")
    watch = command("watch", watching.watch, "Watch a run, live or past")
    watch.add_argument("run_id", metavar="ID")
    _verbose(watch)
    _reveal(watch)
    watch.add_argument("--after", type=int, default=0, metavar="N", help="say nothing of what came up to this event")


def _verbose(command: argparse.ArgumentParser) -> None:
    command.add_argument("-v", "--verbose", action="store_true", help="tell of each call of a language model")


def _reveal(command: argparse.ArgumentParser) -> None:
    command.add_argument("--reveal", action="store_true", help="tell what is wrong in an exercise")


def _steering(command: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    runs = command("runs", listing.runs, "List your runs, newest first")
    runs.add_argument("--limit", type=int, default=20)
    runs.add_argument("--state", action="append", default=[], choices=listing.STATES, help="may be repeated")
    show = command("show", listing.show, "Show a run")
    show.add_argument("run_id", metavar="ID")
    _verbose(show)
    cancel = command("cancel", steering.cancel, "Cancel a run")
    cancel.add_argument("run_id", metavar="ID")
    cancel.add_argument("--cause", default="", metavar="WORDS", help="why, for whoever watches")
    command("pause", steering.pause, "Let a run rest before its next step").add_argument("run_id", metavar="ID")
    command("resume", steering.resume, "Let a paused run go on").add_argument("run_id", metavar="ID")
    respond = command("respond", steering.respond, "Answer what a run asks")
    respond.add_argument("run_id", metavar="ID")
    respond.add_argument("answer", help="approve, reject, or for a clarification an option's number or your words")
    respond.add_argument("--edit", default="", metavar="SQL", help="with approve: run this instead")
    _forking(command("fork", forking.fork, "Ask again from a completed step of a run, keeping what was done before"))
    _exporting(command("export", exporting.export, "Write a run's rows to a file, or to standard output in a pipe"))


def _forking(fork: argparse.ArgumentParser) -> None:
    fork.add_argument("run_id", metavar="ID")
    fork.add_argument("--from", dest="step", default="", metavar="STEP", help="the last step to keep (default: none)")
    fork.add_argument("--question", default="", help="the question to ask instead")
    fork.add_argument("--query", "--sql", default="", metavar="SQL", help="the query to run instead")
    fork.add_argument("--watch", action="store_true", help="watch the new run")


def _exporting(export: argparse.ArgumentParser) -> None:
    export.add_argument("run_id", metavar="ID")
    export.add_argument(
        "--format",
        default="",
        choices=list(FORMATS),
        help="arrow is an Arrow IPC stream (default: what the file's ending says, else csv)",
    )
    export.add_argument("--table", default="", metavar="ID", help="id of the table (default: the run's last one)")
    export.add_argument("-o", "--out", default="", metavar="FILE", help="a file, a folder, or - for standard output")
    export.add_argument("--force", action="store_true", help="replace the file if it is there")
    export.add_argument("--spreadsheet", action="store_true", help="CSV in which no text is taken for a formula")
