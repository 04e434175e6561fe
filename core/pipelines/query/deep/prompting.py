"""The prompts of a deep analysis."""

from pathlib import Path

from core.pipelines.answering.prompted import PROMPTS as SHARED
from core.prompts import Prompts

PROMPTS = Prompts(Path(__file__).parent / "prompts", "query", SHARED.folder)
