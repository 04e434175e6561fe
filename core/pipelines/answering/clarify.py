"""The questions that a run of `query` asks a person: which reading is meant, and whether a query may run."""

from core.pipeline import Ending, Run
from core.pipelines.answering.results import Reading
from levada.v1.event_pb2 import (
    INPUT_KIND_APPROVAL,
    INPUT_KIND_CLARIFICATION,
    OUTCOME_CLARIFICATION_NEEDED,
    InputOption,
    InputRequested,
)

UNAPPROVED = (
    "Its query has to be approved, and this run asks nobody. Let the run ask, or let its queries run without approval."
)


def which_reading(reading: Reading, number: int) -> InputRequested:
    """Return the question which of a reading's options is meant."""
    return InputRequested(
        input_id=f"clarification-{number}",
        kind=INPUT_KIND_CLARIFICATION,
        prompt=reading.prompt or "What do you mean?",
        options=[InputOption(value=option, label=option) for option in reading.options[:4]],
    )


def may_it_run(query_id: str, query: str, language: str, explanation: str, remark: str = "") -> InputRequested:
    """Return the question whether *query* may run; *remark* says what became of an earlier answer."""
    said = [remark, f"May this {'plan' if language == 'plan' else 'query'} run?", explanation]
    return InputRequested(
        input_id=f"approval-{query_id}",
        kind=INPUT_KIND_APPROVAL,
        prompt="\n".join(line for line in said if line),
        options=[
            InputOption(value="approve", label="Run it"),
            InputOption(value="edit", label="Edit it first"),
            InputOption(value="reject", label="Don't run it"),
        ],
        query=query,
        language=language,
    )


def interactive(run: Run) -> bool:
    options = run.request.options
    return options.interactive if options.HasField("interactive") else True


def unasked(question: InputRequested) -> Ending:
    """Return the ending of a run that would have to ask, and may not."""
    return Ending(OUTCOME_CLARIFICATION_NEEDED, question.prompt, clarification=question)
