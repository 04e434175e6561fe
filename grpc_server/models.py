"""The models of this server, as callers are told of them, and what they do when they are asked."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from core.errors import LevadaError, NotAllowed
from core.identity import Principal, sees_prompts
from core.models.checking import Finding, check
from core.models.choosing import DEFAULT, Models
from core.models.language import LanguageModel
from core.settings import Settings
from levada.v1 import catalog_pb2 as catalog
from levada.v1 import catalog_service_pb2 as pb


class ModelCatalog:
    """The models that *settings* name. They are opened apart from those that runs use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models = Models(settings)
        self._checking = asyncio.Lock()

    async def listed(self) -> list[catalog.Model]:
        # The vendors' libraries take a while to import.
        return await asyncio.to_thread(lambda: [self._model(name, roles) for name, roles in self._models.names.items()])

    def _model(self, name: str, roles: Sequence[str]) -> catalog.Model:
        own = self._models.settings_of(name)
        told = catalog.Model(
            name=name,
            provider="levada" if name == "offline" else name.partition(":")[0],
            roles=roles,
            is_default=bool(roles) and roles[0] == DEFAULT,
            context_tokens=own.context,
            input_usd_per_million=own.input,
            output_usd_per_million=own.output,
        )
        try:
            model = self._models.single(name)
        except LevadaError as error:
            told.problem = error.message
        else:
            told.forms.extend(model.forms if isinstance(model, LanguageModel) else ())
        return told

    async def check(self, caller: Principal, names: Sequence[str]) -> AsyncGenerator[pb.CheckModelsResponse, None]:
        """Ask the models of *names*, or all, one after the other. Raises NotAllowed, NotFound."""
        if not sees_prompts(caller):
            raise NotAllowed("Checking models costs money, so only those may who may also see prompts.")
        async with self._checking:
            for name in names or self._models.names:
                async with aclosing(self._check(name)) as findings:
                    async for finding in findings:
                        yield _told(name, finding)

    async def _check(self, name: str) -> AsyncGenerator[Finding, None]:
        try:
            model = await asyncio.to_thread(self._models.bare, name)
        except LevadaError as error:
            yield Finding("answers", passed=False, message=error.message)
            return
        if model is None:
            yield Finding("answers", passed=True, message="It is no language model and needs nothing.")
            return
        async with aclosing(check(model)) as findings:
            async for finding in findings:
                yield finding

    async def close(self) -> None:
        await self._models.close()


def _told(name: str, finding: Finding) -> pb.CheckModelsResponse:
    told = pb.CheckModelsResponse(
        model=name,
        check=finding.check,
        passed=finding.passed,
        message=finding.message,
        tokens_per_second=finding.tokens_per_second,
    )
    told.duration.FromMicroseconds(int(finding.seconds * 1e6))
    if finding.first_token is not None:
        told.time_to_first_token.FromMicroseconds(int(finding.first_token * 1e6))
    return told
