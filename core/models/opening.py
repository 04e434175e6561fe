"""From a model's name to the model; its module is imported only then."""

from pathlib import Path

from core.errors import NotFound, Reason
from core.models.base import Model


def open_model(name: str) -> Model:
    """Return the model called *name*: "offline", or "scripted:PATH" for answers played from a JSON file.

    Raises NotFound (UNKNOWN_MODEL).
    """
    kind, _, rest = name.partition(":")
    if kind == "offline" and not rest:
        from core.models.offline import Offline

        return Offline()
    if kind == "scripted" and rest:
        from core.models.scripted import Script, Scripted

        return Scripted(Script.model_validate_json(Path(rest).read_bytes()), name=name)
    raise NotFound(
        f"There is no model “{name}” here. There are: offline, and scripted:PATH for answers played from a file.",
        reason=Reason.ERROR_REASON_UNKNOWN_MODEL,
        details={"model": name},
    )
