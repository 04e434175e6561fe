"""What can be said of a result, computed from all its rows and never guessed. Pure functions: no I/O, no model."""

from core.pipelines.answering.analysis.findings import find
from core.pipelines.answering.analysis.statistics import Collector, Statistics

__all__ = ["Collector", "Statistics", "find"]
