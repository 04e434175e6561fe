"""Models: what speaks. `open_model` chooses one by its name, as in the setting LEVADA_MODEL."""

from core.models.opening import open_model

__all__ = ["open_model"]
