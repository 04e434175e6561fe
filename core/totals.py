"""What a run took, added up from what it said; nothing here is estimated."""

from collections import Counter

from google.protobuf.message import Message

from core import measures
from levada.v1.event_pb2 import ModelCalled, OperationStarted, QueryProposed, SourcesSelected, TableRows, Totals


class Tally:
    """Counts rows per step (a new attempt voids the rows of the one before), tokens, cost, and sources touched."""

    def __init__(self, rows: dict[str, int], input_tokens: int, output_tokens: int, cost_usd: float | None) -> None:
        self.rows: Counter[str] = Counter(rows)
        self.input_tokens, self.output_tokens, self.cost_usd = input_tokens, output_tokens, cost_usd
        self.sources: dict[str, None] = {}

    def begin(self, step: str) -> None:
        self.rows.pop(step, None)

    def hear(self, step: str, payload: Message) -> bool:
        """Count *payload*; tell whether it changed what models took."""
        self.hear_again(step, payload)
        match payload:
            case TableRows():
                measures.rows_streamed.add(payload.row_count)
            case ModelCalled():
                self._model_called(payload)
                return True
        return False

    def hear_again(self, step: str, payload: Message) -> None:
        """Count what was told before, in the run that this one is forked from: what models took then is that run's."""
        match payload:
            case TableRows():
                self.rows[step] += payload.row_count
            case QueryProposed() | OperationStarted() if payload.source:
                self.sources[payload.source] = None
            case SourcesSelected():
                self.sources.update((choice.source, None) for choice in payload.sources)

    def _model_called(self, call: ModelCalled) -> None:
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens
        # One unknown price makes the sum unknown.
        known = call.HasField("cost_usd") and self.cost_usd is not None
        self.cost_usd = (self.cost_usd or 0.0) + call.cost_usd if known else None
        measures.tokens.add(call.input_tokens, {"gen_ai.token.type": "input", "gen_ai.request.model": call.model})
        measures.tokens.add(call.output_tokens, {"gen_ai.token.type": "output", "gen_ai.request.model": call.model})

    def columns(self) -> dict[str, int | float | None]:
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": self.cost_usd,
        }

    def message(self, microseconds: int) -> Totals:
        totals = Totals(
            rows=self.rows.total(),
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost_usd=self.cost_usd,
        )
        totals.duration.FromMicroseconds(microseconds)
        return totals
