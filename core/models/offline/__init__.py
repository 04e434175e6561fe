"""The offline planner: answers questions over any schema without a language model, explains its reading, and refuses
rather than guesses."""

from core.models.offline.model import Offline

__all__ = ["Offline"]
