"""Which model answers in which role: only those that the settings name, each opened once."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from core.models.base import Model
from core.models.conduct import Conducted, Vendor
from core.models.fallback import Fallback
from core.models.language import LanguageModel
from core.models.opening import OFFLINE, open_model, unknown
from core.settings import ModelSettings, Settings

DEFAULT = "default"
ROLES = (DEFAULT, "strong", "mid", "weak", "fast")
_TITLES = {"openai": "OpenAI", "anthropic": "Anthropic", "bedrock": "Amazon Bedrock", "scripted": "The script"}


class Models:
    """The models that *settings* name, and no others. Each is opened once, however many roles it has."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._single: dict[str, Model | LanguageModel] = {}
        self._vendors: dict[tuple[str, str], Vendor] = {}
        self._opened: dict[tuple[str, str], Model | LanguageModel] = {}

    def get(self, name: str = "", role: str = DEFAULT) -> Model | LanguageModel:
        """Return the model of that *name*, which may be a role's too; without a name the one of *role*.

        A role that the settings don't name is the default one's. Raises NotFound (UNKNOWN_MODEL).
        """
        if name in ROLES or name in self._settings.roles:
            name, role = "", name if role == DEFAULT else role
        names = name or self._of(role)
        if name and name not in self.names and name != self._settings.model:
            raise unknown(name, (*self.names, *self._settings.roles))
        if (names, role) not in self._opened:
            self._opened[names, role] = self._chain(split(names), role)
        return self._opened[names, role]

    def _of(self, role: str) -> str:
        roles = self._settings.roles
        return roles.get(role) or roles.get(DEFAULT) or self._settings.model

    @property
    def names(self) -> Mapping[str, list[str]]:
        """Every model by name with its roles; the default one first."""
        roles: dict[str, list[str]] = {name: [] for name in split(self._of(DEFAULT))}
        next(iter(roles.values())).append(DEFAULT)
        for role in self._settings.roles:
            for name in split(self._of(role)):
                own = roles.setdefault(name, [])
                own.extend([role] if role not in own else [])
        rest = (*split(self._settings.model), *self._settings.models, OFFLINE)
        return roles | {name: roles.get(name, []) for name in rest}

    def settings_of(self, name: str) -> ModelSettings:
        return self._settings.models.get(name) or ModelSettings()

    def single(self, name: str) -> Model | LanguageModel:
        """Return the model of that name as it is, nothing around it."""
        if name not in self._single:
            self._single[name] = open_model(name, self.settings_of(name))
        return self._single[name]

    def _chain(self, names: list[str], role: str) -> Model | LanguageModel:
        """Return the first model with the others behind it. A planner that comes last always stands in anyway."""
        if len(names) > 1 and names[-1] == OFFLINE:
            names = names[:-1]
        first = self.single(names[0])
        if not isinstance(first, LanguageModel):
            return first
        chain = [self._conducted(name, role) for name in names]
        return chain[0] if len(chain) == 1 else Fallback(chain)

    def _conducted(self, name: str, role: str) -> Conducted:
        model, settings = self.single(name), self.settings_of(name)
        if not isinstance(model, LanguageModel):
            raise unknown(name, ("a language model; offline comes last",))
        return Conducted(model, settings, self._vendor(name, settings), role)

    def _vendor(self, name: str, own: ModelSettings) -> Vendor:
        """Return what all models of the same server share; the smallest concurrency of theirs holds."""
        kind = name.partition(":")[0]
        key = kind, own.base_url
        if key not in self._vendors:
            others = self._settings.models.items()
            same = [one for other, one in others if (other.partition(":")[0], one.base_url) == key]
            fewest = min(one.concurrency for one in (own, *same))
            self._vendors[key] = Vendor(_title(kind, own.base_url), own.model_copy(update={"concurrency": fewest}))
        return self._vendors[key]

    def bare(self, name: str) -> LanguageModel | None:
        """Return the language model of that name, tried once a call and shared with nobody; None when it is none.

        Raises NotFound, ModelError.
        """
        if name not in self.names:
            raise unknown(name, self.names)
        model = self.single(name)
        if not isinstance(model, LanguageModel):
            return None
        return Conducted(model, self.settings_of(name).model_copy(update={"retries": 0, "cache": 0}), role="check")

    async def close(self) -> None:
        for model in self._single.values():
            if isinstance(model, LanguageModel):
                await model.close()


def split(names: str) -> list[str]:
    """Return the names in a chain of models."""
    return [name.strip() for name in names.split(",") if name.strip()] or [OFFLINE]


def _title(kind: str, url: str) -> str:
    """Return what people call a server; a password within its address is not shown."""
    return f"The model server at {urlsplit(url).netloc.rpartition('@')[2]}" if url else _TITLES[kind]
