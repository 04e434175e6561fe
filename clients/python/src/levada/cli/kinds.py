"""What can be asked of one kind of work: of research, of agents, of making an exercise."""

import argparse
from typing import Any

from levada.v1 import run_pb2

MODES = {
    "sequential": run_pb2.AGENTS_MODE_SEQUENTIAL,
    "parallel": run_pb2.AGENTS_MODE_PARALLEL,
    "collaborative": run_pb2.AGENTS_MODE_COLLABORATIVE,
    "debate": run_pb2.AGENTS_MODE_DEBATE,
}


def arguments(ask: argparse.ArgumentParser) -> None:
    """Add them to the command line of `ask`."""
    ask.add_argument("--breadth", type=int, default=0, metavar="N", help="research: tasks at once, 1 to 10")
    ask.add_argument("--depth", type=int, default=0, metavar="N", help="research: rounds at most, 1 to 20")
    ask.add_argument("--mode", choices=list(MODES), default="", help="agents: how they work together")
    ask.add_argument("--agent", default="", metavar="NAME", help="agents: who answers (default: who fits best)")
    ask.add_argument("--with", dest="others", action="append", default=[], metavar="NAME", help="agents: who helps")
    ask.add_argument("--difficulty", default="", help="assessment: Beginner, Intermediate or Advanced")
    ask.add_argument("--sub-topic", default="", metavar="WORDS", help="assessment: what of the topic")
    ask.add_argument("--seed", type=int, metavar="N", help="assessment: makes the choice of both the same again")
    ask.add_argument("--attempts", type=int, default=0, metavar="N", help="how often to try again, where it can")


def choose(chosen: argparse.Namespace, request: dict[str, Any], options: run_pb2.RunOptions) -> None:
    """Put what was *chosen* into the *request* and its *options*; what was not is left to the server."""
    options.breadth, options.depth, options.max_attempts = chosen.breadth, chosen.depth, chosen.attempts
    if chosen.mode or chosen.agent or chosen.others:
        request["agents"] = run_pb2.AgentsParameters(
            mode=MODES.get(chosen.mode, run_pb2.AGENTS_MODE_UNSPECIFIED),
            primary_agent=chosen.agent,
            supporting_agents=chosen.others,
        )
    if chosen.difficulty or chosen.sub_topic or chosen.seed is not None:
        request["assessment"] = run_pb2.AssessmentParameters(
            difficulty=chosen.difficulty, sub_topic=chosen.sub_topic, seed=chosen.seed
        )
