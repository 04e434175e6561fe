"""What was looked at: rounds of a model's calls and what came of them, from which the conversation is made anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from core.models.language import Message, ToolCall
from core.pipelines.answering import material, result_lines
from core.pipelines.answering.results import Failure, Fetched, Proposal
from core.prompts import quoted, tokens

MOST_ROWS = 20
"""Rows of a result that the model sees; findings are computed over all."""

FORGOTTEN = "Left out for want of room: call get_schema again for what is needed of it."
LAST_ROUND = "This is the last round: call finish, or nothing more comes of it."


class Called(BaseModel):
    """A call as the model wrote it. *answer* is what it was told at once; None for a query, which is run first."""

    id: str
    name: str
    arguments: str
    answer: str | None = None
    proposal: Proposal | None = None


class Turned(BaseModel):
    """What a model did in a round (deep): what it said, and its calls."""

    text: str = ""
    calls: list[Called] = []
    finished: bool = False

    @property
    def wanted(self) -> list[Proposal]:
        return [call.proposal for call in self.calls if call.proposal is not None]


@dataclass(frozen=True)
class Look:
    """A query and its result, or (in *fetched.failure*) why there is none."""

    proposal: Proposal
    fetched: Fetched

    @classmethod
    def failed(cls, proposal: Proposal, problem: str) -> "Look":
        return cls(proposal, Fetched(query_id=proposal.query_id, failure=Failure(message=problem)))

    def told(self, most_rows: int) -> str:
        """Return what the model hears of it."""
        if self.fetched.failure is not None:
            # A database repeats what stands in its cells.
            return f"Error: {quoted(self.fetched.failure.message, material.MESSAGE)}"
        digest = self.fetched.digest
        text = f"[{self.fetched.query_id}] {result_lines.written(digest.findings, digest.excerpt, most_rows)}"
        return f"{text}\n{self.fetched.truncated}".rstrip()


@dataclass(frozen=True)
class Round:
    """A turn and what its queries gave, in order."""

    turned: Turned
    looks: Sequence[Look]

    def messages(self, most_rows: int) -> Iterator[Message]:
        calls = [ToolCall(call.id, call.name, call.arguments) for call in self.turned.calls]
        yield Message("assistant", self.turned.text, calls)
        looks = iter(self.looks)
        for call in self.turned.calls:
            if call.proposal is not None:
                told = next(looks).told(most_rows)
            else:
                told = FORGOTTEN if call.name == "get_schema" and not most_rows else call.answer or ""
            yield Message("tool", told, call_id=call.id)


@dataclass
class Examination:
    """Everything looked at so far for *question*; *first* is what answered it. *cut* says why it ended early."""

    question: str
    first: Look
    rounds: list[Round] = field(default_factory=list)
    cut: str = ""

    @property
    def looks(self) -> list[Look]:
        return [self.first, *(look for one in self.rounds for look in one.looks)]

    @property
    def held(self) -> list[Look]:
        """Return those that gave a result."""
        return [look for look in self.looks if look.fetched.failure is None]

    def next_number(self) -> int:
        """Return the number of the next query: they go on from the first one's."""
        first = int(self.first.proposal.query_id.removeprefix("q").partition("-")[0])
        return first + 1 + sum(len(one.turned.wanted) for one in self.rounds)

    def messages(self, room: int) -> tuple[list[Message], int]:
        """Return the conversation so far within *room* tokens, and of how many rounds details had to be left out."""
        for lean in range(len(self.rounds) + 1):
            messages = [
                message
                for place, one in enumerate(self.rounds)
                for message in one.messages(0 if place < lean else MOST_ROWS)
            ]
            if sum(map(_size, messages)) <= room:
                break
        return messages, lean


def _size(message: Message) -> int:
    return tokens(message.text) + sum(tokens(call.arguments) for call in message.calls)
