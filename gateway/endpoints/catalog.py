"""What there is to ask, under /v1/pipelines, /v1/sources and /v1/models."""

from typing import Any

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response

from gateway.operations import Operation
from gateway.proto_json import to_json
from gateway.requests import read
from gateway.responses import json_response
from gateway.upstream import Upstream
from levada.v1 import catalog_service_pb2 as pb
from levada.v1.query_service_pb2 import ClassifyRequest, ClassifyResponse


class Catalog:
    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def operations(self) -> list[Operation]:
        stub = self._upstream.catalog
        lists = [
            ("pipelines", "List the kinds of work.", stub.ListPipelines, pb.ListPipelinesRequest()),
            ("sources", "List the sources.", stub.ListSources, pb.ListSourcesRequest()),
            ("models", "List the models.", stub.ListModels, pb.ListModelsRequest()),
        ]
        answers: dict[str, type[Message]] = {
            "pipelines": pb.ListPipelinesResponse,
            "sources": pb.ListSourcesResponse,
            "models": pb.ListModelsResponse,
        }
        return [
            *(self._listing(name, summary, method, asked, answers[name]) for name, summary, method, asked in lists),
            Operation(
                "GET",
                "/v1/sources/{name}",
                "Describe a source: its tables, columns and definitions.",
                self._describe,
                gives=pb.DescribeSourceResponse,
            ),
            Operation(
                "POST",
                "/v1/sources/{name}:refresh",
                "Look at a source anew, and say what changed.",
                self._refresh,
                gives=pb.RefreshSourceResponse,
            ),
            Operation(
                "POST",
                "/v1/classify",
                "Say which sources a question needs, why, and which pipeline answers it, without running anything.",
                self._classify,
                ClassifyRequest,
                ClassifyResponse,
            ),
        ]

    def _listing(self, name: str, summary: str, method: Any, asked: Message, gives: type[Message]) -> Operation:
        async def handle(request: Request) -> Response:
            return json_response(to_json(await self._upstream.call(method, asked)))

        return Operation("GET", f"/v1/{name}", summary, handler=handle, gives=gives)

    async def _describe(self, request: Request) -> Response:
        asked = pb.DescribeSourceRequest(source=request.path_params["name"])
        return json_response(to_json(await self._upstream.call(self._upstream.catalog.DescribeSource, asked)))

    async def _refresh(self, request: Request) -> Response:
        asked = pb.RefreshSourceRequest(source=request.path_params["name"])
        return json_response(to_json(await self._upstream.call(self._upstream.catalog.RefreshSource, asked)))

    async def _classify(self, request: Request) -> Response:
        asked = await read(request, ClassifyRequest())
        return json_response(to_json(await self._upstream.call(self._upstream.queries.Classify, asked)))
