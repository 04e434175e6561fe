"""The answer in prose, from computed findings alone: each sentence is a finding's own, in an order that reads well."""

from collections.abc import Iterator, Sequence

from levada.v1.event_pb2 import (
    FINDING_KIND_CHANGE,
    FINDING_KIND_EMPTY,
    FINDING_KIND_EXTREME,
    FINDING_KIND_OUTLIER,
    FINDING_KIND_SHARE,
    FINDING_KIND_TOTAL,
    FINDING_KIND_TREND,
    SEVERITY_HIGH,
    Finding,
)

# What the question asked comes first, what stands out last.
_ORDER = (
    FINDING_KIND_EMPTY,
    FINDING_KIND_TOTAL,
    FINDING_KIND_EXTREME,
    FINDING_KIND_SHARE,
    FINDING_KIND_TREND,
    FINDING_KIND_CHANGE,
    FINDING_KIND_OUTLIER,
)
_MOST_OF_A_SENTENCE = 2


def told(findings: Sequence[Finding], remarks: Sequence[str] = ()) -> Iterator[str]:
    """Yield the answer in markdown, a sentence at a time."""
    if not findings:
        return
    ordered = sorted(
        findings, key=lambda finding: _ORDER.index(finding.kind) if finding.kind in _ORDER else len(_ORDER)
    )
    first, rest = ordered[:1], ordered[1:]
    yield f"**{_plain(first[0].text)}**"
    for finding in rest[:_MOST_OF_A_SENTENCE]:
        yield f" {_plain(finding.text)}"
    listed = rest[_MOST_OF_A_SENTENCE:]
    if listed:
        yield "\n\n"
    for finding in listed:
        mark = "⚠ " if finding.severity == SEVERITY_HIGH else ""
        yield f"- {mark}{_plain(finding.text)}\n"
    for remark in remarks:
        yield f"\n\n{_plain(remark)}"


def _plain(text: str) -> str:
    """Return *text* so that markdown shows it as it is: values of the data are data."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|~" else c for c in " ".join(text.split()))
