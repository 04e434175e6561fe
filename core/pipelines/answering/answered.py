"""How a run ends that answered from rows, with what the answer rests on: for a run that asked it as part of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.pipeline import Ending
from core.pipelines.answering.results import Fetched, Proposal


@dataclass(frozen=True)
class Answered(Ending):
    """*looks* are the queries and what each gave, the one that answers first; *source* gave it, empty: several did."""

    source: str = ""
    looks: Sequence[tuple[Proposal, Fetched]] = ()
