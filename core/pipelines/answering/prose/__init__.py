"""Prose that a model writes, held against what was computed: a sentence is told once its figures check out.

A figure may be formatted, rounded, scaled ("1.2 million") or hedged ("more than half"); one that nothing was computed
for takes its sentence with it. Names, directions and words in other languages than English are not checked.
"""

from core.pipelines.answering.prose.cited import Citations
from core.pipelines.answering.prose.facts import Facts
from core.pipelines.answering.prose.spoken import spoken
from core.pipelines.answering.prose.told import Prose, left_out

__all__ = ["Citations", "Facts", "Prose", "left_out", "spoken"]
