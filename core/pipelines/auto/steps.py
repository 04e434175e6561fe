"""The steps of `auto` as they are announced: choosing sources, then those of the pipeline that it chooses."""

from dataclasses import replace

from core.pipelines.federated.steps import CLASSIFY_SOURCES
from core.pipelines.federated.steps import STEPS as SEVERAL
from core.pipelines.query.steps import STEPS as ONE

_AHEAD = {spec.name: replace(spec, conditional=True) for spec in (*ONE, *SEVERAL) if spec is not CLASSIFY_SOURCES}
STEPS = (CLASSIFY_SOURCES, *_AHEAD.values())

AHEAD = {
    "query": ONE,
    "federated": tuple(spec for spec in SEVERAL if spec is not CLASSIFY_SOURCES),
}
"""The steps that lie ahead once a pipeline is chosen."""
