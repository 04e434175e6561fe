"""A finding on its way out: its words, its figures, and how much it deserves to come first."""

from collections.abc import Sequence
from dataclasses import dataclass

from levada.v1.event_pb2 import (
    FINDING_KIND_OUTLIER,
    SEVERITY_HIGH,
    SEVERITY_MEDIUM,
    SEVERITY_UNSPECIFIED,
    Figure,
    Finding,
    FindingKind,
    Severity,
)


@dataclass(frozen=True)
class Drafted:
    """A finding with its weight: the heavier, the earlier."""

    weight: float
    kind: FindingKind
    text: str
    figures: Sequence[Figure] = ()
    severity: Severity = SEVERITY_UNSPECIFIED

    def finding(self, query_id: str) -> Finding:
        return Finding(kind=self.kind, text=self.text, figures=self.figures, query_id=query_id, severity=self.severity)


def outlier(z: float, text: str, figures: Sequence[Figure]) -> Drafted:
    """Draft an outlier that lies *z* standard deviations away."""
    high = abs(z) > 3
    severity = SEVERITY_HIGH if high else SEVERITY_MEDIUM
    return Drafted((90 if high else 70) + min(abs(z), 9), FINDING_KIND_OUTLIER, text, figures, severity)


def change_severity(share: float) -> Severity:
    """Tell how remarkable a change by *share* of what was before is."""
    if abs(share) >= 0.5:
        return SEVERITY_HIGH
    return SEVERITY_MEDIUM if abs(share) >= 0.2 else SEVERITY_UNSPECIFIED
