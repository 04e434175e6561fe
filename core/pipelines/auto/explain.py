"""Classifying a question without a run: what `levada ask --explain` and POST /v1/classify tell."""

import asyncio

from core.identity import Principal
from core.models.language import LanguageModel
from core.pipeline import Services
from core.pipelines.answering import choosing
from core.pipelines.answering.asking import unknown_source
from core.pipelines.answering.searching import matched
from core.pipelines.auto.deciding import decide, only
from levada.v1.event_pb2 import SourceChoice
from levada.v1.query_service_pb2 import ClassifyRequest, ClassifyResponse


async def classify(services: Services, owner: Principal, request: ClassifyRequest) -> ClassifyResponse:
    """Say which of *owner*'s sources a question needs, and which pipeline would ask them. Raises NotFound.

    It is done by rule and costs nothing; a run asks its language model, when it has one.
    """
    names = _names(services, owner, request)
    if not names:
        return ClassifyResponse(pipeline="query", cause="No source is configured, so nothing can be asked.")
    schemas = await services.schemas(owner, names)
    lookups = {name: services.lookup(owner, name) for name in schemas.schemas}
    choices = list(only(request.sources, names)) or await asyncio.to_thread(
        choosing.choose, request.question, schemas, lookups
    )
    pipeline, cause = await decide(services, owner, request.question, schemas, choices)
    model = services.model()
    if isinstance(model, LanguageModel) and len(names) > 1:
        cause += f" This was chosen by rule; a run has {model.name} choose, which may see it differently."
    found = [schemas.schemas[one.source] for one in choices if one.source in schemas.schemas]
    return ClassifyResponse(
        pipeline=pipeline,
        sources=[SourceChoice(source=one.source, cause=one.cause) for one in choices],
        cause=cause,
        schemas=[await matched(services, owner, schema, request.question) for schema in found],
        problems=schemas.problems.values(),
    )


def _names(services: Services, owner: Principal, request: ClassifyRequest) -> list[str]:
    known = list(services.sources(owner))
    for name in request.sources:
        if name not in known:
            raise unknown_source(name, known)
    return list(dict.fromkeys(request.sources)) or known
