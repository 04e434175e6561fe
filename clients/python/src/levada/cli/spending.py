"""What language models did for a run, took and cost, in words; figures are the run's own."""

from levada.cli.clean import clean
from levada.v1 import event_pb2 as events


def spent(totals: events.Totals, calls: int = 0) -> str:
    """Return what models took in all: "3 model calls · 5,412 tokens · $0.0123"; empty when none was called."""
    tokens = totals.input_tokens + totals.output_tokens
    if not calls and not tokens:
        return ""
    count = f"{calls} model call{'s' if calls != 1 else ''}" if calls else ""
    known = totals.HasField("cost_usd")
    cost = dollars(totals.cost_usd) if known else "cost unknown" if tokens else ""
    return " · ".join(filter(None, [count, f"{tokens:,} tokens", cost]))


def facts_of(step: str, call: events.ModelCalled) -> list[str]:
    """Return one call as cells: where, who, for what, tokens, cost, time, what went wrong."""
    template = clean(call.template) + (f" try {call.attempt}" if call.attempt > 1 else "")
    about = "about " if call.estimated else ""
    tokens = f"{about}{call.input_tokens:,} → {call.output_tokens:,} tokens"
    cost = dollars(call.cost_usd) if call.HasField("cost_usd") else ""
    problem = clean(call.problem).replace("\n", " ")
    return [step, clean(call.model), template, tokens, cost, took(call), "kept" if call.from_cache else problem]


def took(call: events.ModelCalled) -> str:
    """Return how long a call took, and until its first piece came."""
    whole = f"{call.duration.ToTimedelta().total_seconds():.2f} s"
    if not call.HasField("time_to_first_token"):
        return whole
    return f"{whole}, first after {call.time_to_first_token.ToTimedelta().total_seconds():.2f} s"


def dollars(cost: float) -> str:
    """Return a sum with as many digits as say something: fractions of a cent are what calls cost."""
    return f"${cost:,.2f}" if cost >= 1 else f"${cost:.4f}"
