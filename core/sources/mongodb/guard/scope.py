"""What is known where a part of a pipeline stands."""

from dataclasses import dataclass, replace

from core.sources.base import Parameters
from core.sources.mongodb.guard.budget import Budget
from core.sources.mongodb.guard.shape import Shape


@dataclass(frozen=True)
class Scope:
    """The *shape* of the documents that a stage is given, the values that may be bound, what is left to use."""

    shape: Shape
    parameters: Parameters
    budget: Budget

    def over(self, shape: Shape) -> "Scope":
        """Return the scope of a stage that is given other documents."""
        return replace(self, shape=shape)

    def uncounted(self) -> "Scope":
        """Return the scope for looking again at what was counted already."""
        return replace(self, budget=Budget())
