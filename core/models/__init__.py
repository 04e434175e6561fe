"""Models: what speaks. `Models` chooses one by name or role, as the settings say; `planner` is the offline one."""

from core.models.choosing import Models
from core.models.opening import planner

__all__ = ["Models", "planner"]
