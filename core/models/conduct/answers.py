"""Answers kept for identical calls that leave nothing to chance, per whoever may share them."""

import hashlib
from collections import OrderedDict

from core.models.calls import written
from core.models.language import Finish, Prompt, Stop


class Answers:
    """The last *most* answers of one model."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, tuple[str, Finish]] = OrderedDict()

    def find(self, scope: str, prompt: Prompt) -> tuple[str, Finish] | None:
        if not self._fixed(prompt) or (key := self._key(scope, prompt)) not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, scope: str, prompt: Prompt, text: str, finish: Finish | None) -> None:
        if finish is None or not self._fixed(prompt) or finish.stop not in (Stop.DONE, Stop.TOOLS) or finish.refusal:
            return
        self._kept[self._key(scope, prompt)] = text, finish
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _fixed(self, prompt: Prompt) -> bool:
        return self._most > 0 and prompt.temperature == 0

    def _key(self, scope: str, prompt: Prompt) -> bytes:
        tools = [(tool.name, tool.parameters.model_json_schema()) for tool in prompt.tools]
        ids = [(call.id, message.call_id) for message in prompt.messages for call in message.calls]
        whole = repr((scope, written(prompt), tools, ids, prompt.temperature, prompt.max_tokens))
        return hashlib.blake2b(whole.encode("utf-8", "surrogatepass")).digest()
