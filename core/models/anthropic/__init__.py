"""Claude over Anthropic's Messages API: `model.py` streams, `request.py` asks, `answer.py` reads, `failures.py` says
what went wrong; `bedrock.py` is the same through Amazon Bedrock.
"""

from core.models.anthropic.model import Anthropic

__all__ = ["Anthropic"]
