"""CatalogService: what there is to ask."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing

import grpc

from core.errors import InvalidRequest, LevadaError, NotFound, Reason
from core.pipeline import Pipeline, Services
from core.settings import Settings
from core.sources.base import Source
from grpc_server.interceptors.identity import caller
from grpc_server.models import ModelCatalog
from levada.v1 import catalog_pb2 as catalog
from levada.v1 import catalog_service_pb2 as pb

Context = grpc.aio.ServicerContext

# How long a source may take to show that it is there.
PING_SECONDS = 2.0


class CatalogService:
    """Pipelines, sources and models, as far as the caller may use them."""

    def __init__(self, services: Services, pipelines: Sequence[Pipeline], settings: Settings) -> None:
        self._services = services
        self._pipelines = pipelines
        self._models = ModelCatalog(settings)

    async def list_pipelines(self, request: pb.ListPipelinesRequest, context: Context) -> pb.ListPipelinesResponse:
        who = caller()
        return pb.ListPipelinesResponse(
            pipelines=[
                catalog.Pipeline(
                    name=pipeline.name,
                    title=pipeline.title,
                    description=pipeline.description,
                    steps=[spec.info() for spec in pipeline.steps],
                    sample_questions=pipeline.sample_questions(self._services, who),
                    needs_model=pipeline.needs_model,
                    choices=self._choices(pipeline),
                )
                for pipeline in self._pipelines
            ]
        )

    def _choices(self, pipeline: Pipeline) -> Sequence[catalog.ParameterChoices]:
        try:
            return pipeline.choices(self._services)
        except InvalidRequest:  # a file that was changed since the start: whoever makes a run of it is told
            return ()

    async def list_sources(self, request: pb.ListSourcesRequest, context: Context) -> pb.ListSourcesResponse:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_spoken_to(source)) for source in self._services.sources(caller()).values()]
        return pb.ListSourcesResponse(sources=[task.result() for task in asked])

    async def describe_source(self, request: pb.DescribeSourceRequest, context: Context) -> pb.DescribeSourceResponse:
        sources = self._services.sources(caller())
        if request.source not in sources:
            raise NotFound(
                f"There is no source {request.source!r} that you may ask. There is: {', '.join(sources) or 'none'}.",
                reason=Reason.ERROR_REASON_UNKNOWN_SOURCE,
                details={"source": request.source},
            )
        return pb.DescribeSourceResponse(schema=await sources[request.source].describe())

    async def refresh_source(self, request: pb.RefreshSourceRequest, context: Context) -> pb.RefreshSourceResponse:
        began = time.monotonic()
        found = await self._services.refresh(caller(), request.source)
        answer = pb.RefreshSourceResponse(
            source=request.source,
            tables=len(found.schema.tables),
            columns=sum(len(table.columns) for table in found.schema.tables),
            added=found.added,
            removed=found.removed,
            changed=found.changed,
            problems=found.schema.problems,
        )
        answer.duration.FromMicroseconds(int((time.monotonic() - began) * 1e6))
        return answer

    async def list_models(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        return pb.ListModelsResponse(models=await self._models.listed())

    async def check_models(self, request: pb.CheckModelsRequest, context: Context) -> None:
        async with aclosing(self._models.check(caller(), request.models)) as findings:
            async for finding in findings:
                await context.write(finding)

    async def close(self) -> None:
        """Close connections to models."""
        await self._models.close()


async def _spoken_to(source: Source) -> catalog.Source:
    """Return *source* as it is right now."""
    found = catalog.Source(name=source.name, description=source.description, kind=source.kind, dialect=source.dialect)
    try:
        async with asyncio.timeout(PING_SECONDS):
            await source.ping()
        found.state = catalog.SOURCE_STATE_AVAILABLE
    except TimeoutError:
        found.state, found.problem = catalog.SOURCE_STATE_UNAVAILABLE, f"No answer within {PING_SECONDS:g} seconds."
    except LevadaError as error:
        found.state, found.problem = catalog.SOURCE_STATE_UNAVAILABLE, error.message
    return found
