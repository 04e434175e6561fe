"""Writes the answer from findings: prose by templates, figures only quoted."""

from collections.abc import Iterator, Sequence

from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Finding

_FIRST = (events.FINDING_KIND_EMPTY, events.FINDING_KIND_TOTAL, events.FINDING_KIND_EXTREME)
_REMARKABLE = 4
_HEADS = {
    events.FINDING_KIND_TREND: "Over time",
    events.FINDING_KIND_CHANGE: "Over time",
    events.FINDING_KIND_SHARE: "How it is shared out",
    events.FINDING_KIND_OUTLIER: "Worth a look",
}


def paragraphs(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the answer in markdown, a piece at a time: what was asked first, then what stands out."""
    if not findings:
        return
    answer = [finding for finding in findings if finding.kind in _FIRST] or list(findings[:1])
    yield " ".join(_sentence(finding) for finding in answer)
    rest = sorted((finding for finding in findings if finding not in answer), key=lambda finding: -finding.severity)
    by_head: dict[str, list[str]] = {}
    for finding in rest[:_REMARKABLE]:
        by_head.setdefault(_HEADS.get(finding.kind, "Also"), []).append(_sentence(finding))
    for head, sentences in by_head.items():
        if len(sentences) == 1:
            yield f"\n\n**{head}:** {sentences[0]}"
        else:
            yield f"\n\n**{head}:**\n" + "\n".join(f"- {sentence}" for sentence in sentences)


def _sentence(finding: Finding) -> str:
    text = finding.text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
