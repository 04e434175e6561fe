"""A chart's title and explanation in a model's words; what the rules say stays where those don't check out."""

import asyncio
import json
from contextlib import aclosing

from pydantic import BaseModel, Field

from core.errors import ModelError
from core.models.language import LanguageModel, Message, Prompt
from core.models.structured import fill
from core.pipelines.answering import material, result_lines
from core.pipelines.answering.analysis.words import human, title
from core.pipelines.answering.prompted import PROMPTS, room_of
from core.pipelines.answering.prose import Facts, Prose
from core.pipelines.answering.results import Digest, Proposal
from core.prompts import quoted
from levada.v1.event_pb2 import Chart, ChartKind

LONGEST = 60
SECONDS = 15
"""How long a chart waits for its words."""
TOKENS = 300


class Caption(BaseModel):
    """chart.tpl"""

    title: str = Field(description="At most 60 characters.")
    explanation: str = Field(description="One or two short sentences.")


async def captioned(model: LanguageModel, proposal: Proposal, digest: Digest) -> Chart:
    """Return the chart of *digest* with what of the model's words checks out. Raises ModelError, TimeoutError."""
    chart = Chart()
    chart.CopyFrom(digest.chart)
    caption = await _written(model, proposal.question, digest)
    facts = Facts.of(digest.findings, digest.excerpt, proposal.draft.sql)
    facts.add_names(proposal.question)
    said = " ".join(caption.title.split()).rstrip(".")
    if said and facts.hold_all(said):
        _entitle(chart, title(said, LONGEST))
    prose = Prose(lambda sentence: sentence if facts.hold_all(sentence) else None)
    chart.explanation = "".join([*prose.add(" ".join(caption.explanation.split())), *prose.rest()]).strip()
    return chart


async def _written(model: LanguageModel, question: str, digest: Digest) -> Caption:
    text = PROMPTS.render(
        "chart",
        room_of(model),
        {"rows": result_lines.row_parts(digest.excerpt)},
        question=quoted(question, material.QUESTION),
        chart=quoted(f"{_kind(digest.chart)}. {digest.chart.cause}", material.MESSAGE),
        findings=result_lines.finding_lines(digest.findings),
        columns=result_lines.head(digest.excerpt),
        total=digest.excerpt.total,
        longest=LONGEST,
    )
    prompt = Prompt(text.system, [Message("user", text.user)], max_tokens=TOKENS, key=text.key)
    async with asyncio.timeout(SECONDS), aclosing(fill(model, prompt, Caption)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Caption):
                return piece
    raise ModelError(f"The model {model.name} gave the chart no title.")


def _kind(chart: Chart) -> str:
    return human(ChartKind.Name(chart.kind).removeprefix("CHART_KIND_").lower())


def _entitle(chart: Chart, name: str) -> None:
    chart.title = name
    if chart.vega_lite:
        chart.vega_lite = json.dumps(json.loads(chart.vega_lite) | {"title": name}, ensure_ascii=False)
