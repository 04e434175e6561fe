"""The dialects by name, the native one first; a new one is a file or folder here and a line below."""

from gateway.dialects.agents import Agents
from gateway.dialects.base import Dialect, Frame
from gateway.dialects.generate import Generate
from gateway.dialects.native import Native
from gateway.dialects.query import Query
from gateway.dialects.steps import Steps
from gateway.dialects.workflow import Workflow

DIALECTS: dict[str, type[Dialect]] = {
    dialect.name: dialect for dialect in (Native, Steps, Query, Workflow, Agents, Generate)
}

__all__ = ["DIALECTS", "Agents", "Dialect", "Frame", "Generate", "Native", "Query", "Steps", "Workflow"]
