"""All settings, read once at start from LEVADA_* variables and levada.toml; the environment wins over the file."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

# Characters of a key that signs tokens: HMAC with SHA-256 wants as many bytes as the hash has (RFC 7518, 3.2).
LEAST_KEY = 32
# Models that cost nothing.
PRICELESS = ("offline", "scripted:")

Frozen = ConfigDict(frozen=True, extra="forbid")


class Metric(BaseModel):
    """A figure of the business, for instance revenue."""

    model_config = Frozen
    expression: str = Field(description="SQL expression over the source's columns, tables named in full.")
    synonyms: tuple[str, ...] = Field((), description="Other words for it.")
    condition: str = Field("", description="SQL condition that always goes with it.")
    unit: str = Field("", description="Unit, for instance EUR.")
    description: str = Field("", description="Explanation for people.")


class SourceSettings(BaseModel):
    """A source of data, in levada.toml under [sources.NAME]."""

    model_config = Frozen
    url: str = Field(description="Where it is, for instance postgresql://user@host/db, sqlite:///shop.db, data/*.csv.")
    description: str = Field("", description="What it holds, in a sentence.")
    metrics: dict[str, Metric] = Field({}, description="Figures of the business by name.")
    synonyms: dict[str, tuple[str, ...]] = Field({}, description="Words that stand for a table or table.column.")
    rules: dict[str, str] = Field(
        {}, description="Rules of the business by name, in words, for language models: when the fiscal year begins."
    )
    tenants: tuple[str, ...] = Field((), description="Tenants that may ask it; empty: all.")
    embedder: str = Field(
        "",
        description="What made the vectors of a Qdrant source, and makes those of questions: hashing:256, "
        "model2vec:FOLDER or openai:MODEL.",
    )

    @field_validator("url")
    @classmethod
    def _filled_in(cls, url: str) -> str:
        """Put variables of the environment in place of ${NAME}, so that no password stands in the file."""

        def value(match: re.Match[str]) -> str:
            if match[1] not in os.environ:
                raise ValueError(f"the environment has no {match[1]}, which the URL names")
            return quote(os.environ[match[1]], safe="")

        return re.sub(r"\$\{(\w+)\}", value, url)


class ModelSettings(BaseModel):
    """A language model, in levada.toml under [models."PROVIDER:NAME"]. Prices are in US dollars per million tokens."""

    model_config = Frozen
    input: float | None = Field(None, ge=0, description="Price of tokens read.")
    cached_input: float | None = Field(None, ge=0, description="Price of tokens read from the vendor's cache.")
    stored_input: float | None = Field(None, ge=0, description="Price of tokens put into the vendor's cache.")
    output: float | None = Field(None, ge=0, description="Price of tokens written.")
    base_url: str = Field(
        "", description="Where its server is, if not the vendor's or what the vendor's variable says."
    )
    key_variable: str = Field("", description="Variable that holds the key, if not the vendor's own.")
    api: Literal["", "responses", "chat"] = Field("", description="OpenAI's API to speak; empty: chosen by the server.")
    context: int = Field(0, ge=0, description="Tokens that fit into prompt and answer together; 0: not known.")
    max_tokens: int = Field(0, ge=0, description="Tokens that an answer may have; 0: what the prompt asks for.")
    connect_seconds: float = Field(5, gt=0, description="How long connecting may take.")
    first_token_seconds: float = Field(60, gt=0, description="How long until the first piece of an answer comes.")
    between_tokens_seconds: float = Field(30, gt=0, description="How long an answer may stand still.")
    seconds: float = Field(240, gt=0, description="How long a whole answer may take.")
    retries: int = Field(3, ge=0, description="How often a call that failed before anything came is tried again.")
    retry_seconds: float = Field(30, ge=0, description="How long to wait at most before trying again.")
    concurrency: int = Field(16, gt=0, description="Calls of its provider that one server makes at once.")
    failures: int = Field(5, gt=0, description="Failures in a row after which its provider is left alone for a while.")
    pause_seconds: float = Field(20, gt=0, description="How long that is.")
    cache: int = Field(0, ge=0, description="Answers kept for identical calls that leave nothing to chance; 0: none.")


class Limits(BaseModel):
    """What one caller may use, in levada.toml under [limits]. Only a budget in dollars is off until it is set."""

    model_config = Frozen
    question_length: int = Field(10_000, description="Characters in a question.")
    run_seconds: float = Field(300, description="How long a run may work, waiting for people not counted.")
    input_seconds: float = Field(86_400, description="How long a run waits for a person's answer.")
    query_seconds: float = Field(60, description="How long one query may run in a source.")
    rows: int = Field(1_000_000, description="Rows that a request may ask for.")
    default_rows: int = Field(10_000, description="Rows when a request does not say.")
    join_bytes: int = Field(512 * 2**20, description="Memory that one join over several sources may use; more spills.")
    scratch_bytes: int = Field(
        4 * 2**30,
        description="Bytes that a run may keep on disk: rows until they are joined, and what the join spills.",
    )
    bytes_per_run: int = Field(64 * 2**20, description="Bytes of rows kept per run; more is truncated, and said.")
    events_per_run: int = Field(100_000, description="Events a run may have.")
    queue: int = Field(
        1_000,
        description="Runs that may wait. Once so many do, only tenants with less than an equal share get in. "
        "A tenant may have as many held and paused ones besides.",
    )
    deadline_seconds: float = Field(172_800, description="How long after its creation a run has to be over.")
    concurrent_runs: int = Field(16, description="Runs that one server works on at once.")
    tenant_concurrent_runs: int = Field(64, description="Runs of one tenant that all servers work on at once.")
    runs_per_minute: int = Field(10, description="Runs that a user may create in a minute.")
    tenant_runs_per_minute: int = Field(100, description="Runs that the users of a tenant may create in a minute.")
    streams: int = Field(20_000, description="Streams that one server holds open at once.")
    user_streams: int = Field(
        10,
        description="Streams that a user may hold open at once, over all servers. A WebSocket is one, whatever it "
        "watches; who waits for a whole answer holds one too.",
    )
    tenant_streams: int = Field(1_000, description="Streams that the users of a tenant may hold open at once.")
    connections: int = Field(20_000, description="Connections that one gateway holds open at once.")
    write_seconds: float = Field(60, description="How long a reader may take nothing before its stream is cut.")
    retention_days: float = Field(7, description="How long a run's events are kept after its end.")
    retention_bytes: int = Field(20 * 2**30, description="Bytes of events kept of runs that ended; the oldest go.")
    record_days: float = Field(30, description="How long a run's question, answer and end are kept after its end.")
    drain_seconds: float = Field(30, description="How long a stopping server lets its runs go on.")
    document_bytes: int = Field(20 * 2**20, description="Bytes of one document that is added to be searched.")
    documents: int = Field(2_000, description="Documents of one tenant.")
    documents_bytes: int = Field(200 * 2**20, description="Bytes of all documents of one tenant.")
    run_tokens: int = Field(1_000_000, gt=0, description="Tokens that a run may use.")
    tenant_tokens_per_day: int = Field(50_000_000, gt=0, description="Tokens that a tenant may use in a day (UTC).")
    run_usd: float = Field(0, ge=0, description="US dollars that a run may cost; 0: any. Every model needs prices.")
    tenant_usd_per_day: float = Field(
        0, ge=0, description="US dollars that a tenant may cost in a day (UTC); 0: any. Every model needs prices."
    )


class Settings(BaseSettings):
    """Everything that can be set. The variable is LEVADA_ and the field's name in capitals."""

    # Without the input in errors: it may be a URL with a password.
    model_config = SettingsConfigDict(
        env_prefix="LEVADA_", frozen=True, extra="forbid", env_nested_delimiter="__", hide_input_in_errors=True
    )

    store: str = Field("sqlite:///.levada/levada.db", description="Where runs live: sqlite:///PATH or postgresql://….")
    store_readers: int = Field(
        8,
        ge=1,
        description="Connections to PostgreSQL over which one server answers readers; up to ten more do the rest.",
    )
    store_overflow: int = Field(
        0, ge=0, description="Connections that it opens beyond these while all of them are in use."
    )
    grpc: str = Field(
        "127.0.0.1:50051",
        description="Address of the gRPC server. A gateway takes several servers: IP addresses with ports, separated "
        "by commas, or a DNS name that stands for them all.",
    )
    http: str = Field("127.0.0.1:8080", description="Address of the gateway.")
    model: str = Field("offline", description="The default model.")
    lease: float = Field(30, description="Seconds after which a silent worker's runs are taken over.")
    scratch: str = Field(
        ".levada/scratch", description="Folder for rows of several sources until they are joined; removed after it."
    )
    agents: str = Field(
        "", description="File of agents: changes those that there are by name, and adds others; empty: none does."
    )
    config: str = Field("levada.toml", description="Configuration file, read when it exists.")
    source: str = Field("", description="URL of one more source, named `default` and asked first.")
    sample: bool = Field(True, description="Offer the sample shop as source `shop` when no other source is set.")
    sources: dict[str, SourceSettings] = Field({}, description="Sources by name, the default one first.")
    refresh: float = Field(
        600, ge=0, description="Seconds after which sources are looked at anew by themselves; 0: only when asked."
    )
    embedder: str = Field(
        "",
        description="What makes vectors of documents that are added, so that they are found by meaning too: "
        "hashing:256, model2vec:FOLDER or openai:MODEL; empty: they are found by their words.",
    )
    roles: dict[str, str] = Field({}, description="Models by role.")
    models: dict[str, ModelSettings] = Field({}, description="Language models by name: prices, timeouts, servers.")
    limits: Limits = Field(Limits(), description="Limits.")
    rates: str = Field("", description="Where rates are counted: redis://… or empty for the store.")
    allow_remote: bool = Field(
        False,
        description="Bind to addresses that other machines reach although nobody has to log in: a private network or "
        "an authenticating proxy in front decides who gets here.",
    )
    cors_origins: tuple[str, ...] = Field((), description="Exact origins that may call the gateway from a browser.")
    cors_origin_regex: str = Field("", description="Expression that other allowed origins match whole.")
    http_hosts: tuple[str, ...] = Field((), description="Names besides localhost that the gateway answers to.")
    token_key: str = Field(
        "",
        repr=False,
        description="Secret of 32 characters or more that signs tokens for WebSockets, the same for all gateways; "
        "empty: one is made, and kept in the file .levada/token.key.",
    )
    demo: bool = Field(
        False, description="Allow the usual local development ports (5173, 3000, 8501, 8080) as origins."
    )
    heartbeat: float = Field(15, description="Seconds of silence after which a stream carries a heartbeat.")

    @field_validator("token_key")
    @classmethod
    def _hard_to_guess(cls, key: str) -> str:
        if key and len(key) < LEAST_KEY:
            raise ValueError(f"has {len(key)} characters; {LEAST_KEY} random ones or more can't be guessed")
        return key

    @model_validator(mode="after")
    def _priced(self) -> Self:
        """Refuse a budget in dollars that could not be kept."""
        names = dict.fromkeys([*_names(self.model), *(n for role in self.roles.values() for n in _names(role))])
        unpriced = [name for name in [*names, *self.models] if not name.startswith(PRICELESS) and not self._price(name)]
        if unpriced and (self.limits.run_usd or self.limits.tenant_usd_per_day):
            raise ValueError(
                f"a budget in US dollars is set, and what {unpriced[0]} costs is not known: give `input` and `output` "
                f'under [models."{unpriced[0]}"] in levada.toml'
            )
        return self

    def _price(self, name: str) -> bool:
        found = self.models.get(name)
        return found is not None and found.input is not None and found.output is not None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = Path(str(env_settings().get("config") or cls.model_fields["config"].default))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)


def _names(models: str) -> list[str]:
    return [name.strip() for name in models.split(",") if name.strip()]


@cache
def load() -> Settings:
    """Return the process's settings. Raises what pydantic and tomllib raise; `core.startup` says it to people."""
    return Settings()


def document() -> list[tuple[str, Any, str]]:
    """Return (variable, default, description) of each field, for the README."""
    return [(f"LEVADA_{name.upper()}", f.default, f.description or "") for name, f in Settings.model_fields.items()]


def shown(default: Any) -> str:
    """Return a default as the README's table shows it."""
    if isinstance(default, BaseModel):
        return "see below"
    return f"`{default}`" if default not in ("", {}, ()) else ""


__all__ = ["Limits", "Metric", "ModelSettings", "Settings", "SourceSettings", "document", "load", "shown"]
