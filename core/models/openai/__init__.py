"""Models that speak OpenAI's API: OpenAI's own, and those of any compatible server at OPENAI_BASE_URL or base_url."""

from core.models.openai.model import OpenAI

__all__ = ["OpenAI"]
