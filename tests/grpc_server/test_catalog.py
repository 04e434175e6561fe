"""What there is to ask, and what tools can find out without our protos."""

import asyncio
import sqlite3
from contextlib import closing
from types import SimpleNamespace

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from core.errors import SourceUnavailable
from core.pipelines import agents, assessment
from core.settings import SourceSettings
from grpc_server import catalog_service
from levada.v1 import catalog_pb2
from levada.v1 import catalog_service_pb2 as pb
from levada.v1 import query_service_pb2 as queries
from levada.v1.run_pb2 import AgentsMode
from tests.grpc_server.conftest import QUERY
from tests.grpc_server.said import refused
from tests.servers import served
from tests.test_catalog import catalog

THEIRS = SourceSettings(url="postgresql://nobody@127.0.0.1:1/none", tenants=("acme",))


class Shop:
    name, kind, dialect, description = "shop", "sqlite", "sqlite", "An online shop"

    async def ping(self):
        pass

    async def describe(self):
        return catalog_pb2.Schema(source="shop", tables=[catalog_pb2.Table(name="orders")])


class Down(Shop):
    name = "down"

    async def ping(self):
        raise SourceUnavailable("The source `down` can't be reached; is its server running?")

    async def describe(self):
        await self.ping()


class Hanging(Shop):
    name = "hanging"

    async def ping(self):
        await asyncio.Event().wait()


SOURCES = {source.name: source for source in (Shop(), Down(), Hanging())}
SERVICES = SimpleNamespace(sources=lambda owner: SOURCES if owner.subject == "local" else {})


async def test_pipelines_are_listed_with_questions_to_try(server):
    (pipeline,) = (await server.catalog.ListPipelines(pb.ListPipelinesRequest())).pipelines
    assert (pipeline.name, list(pipeline.sample_questions)) == ("query", ["How many orders?"])


async def test_pipelines_tell_what_can_be_given_for_their_parameters_here(runs, settings, tmp_path):
    own = tmp_path / "agents.toml"
    own.write_text('[pilot]\ntitle = "Pilot"\ndescription = "Steers."\nprompt = "You steer."\n')
    services = SimpleNamespace(sources=lambda owner: {}, agents=str(own), samples=lambda *_: ())
    async with served(runs, services, [agents.PIPELINE, assessment.PIPELINE], settings) as server:
        team, exercise = (await server.catalog.ListPipelines(pb.ListPipelinesRequest())).pipelines
        said = {each.parameter: each.options for each in (*team.choices, *exercise.choices)}
        assert said["agents.primary_agent"] == said["agents.supporting_agents"]
        assert catalog_pb2.ParameterOption(value="pilot", label="Pilot", description="Steers.") in list(
            said["agents.primary_agent"]
        )
        assert {each.value for each in said["agents.mode"]} < set(AgentsMode.keys())
        assert [each.value for each in said["assessment.difficulty"]] == ["Beginner", "Intermediate", "Advanced"]
        own.write_text("[pilot")
        team, _ = (await server.catalog.ListPipelines(pb.ListPipelinesRequest())).pipelines
        assert (team.name, list(team.choices)) == ("agents", [])


async def test_sources_are_listed_with_their_state_even_when_one_hangs(runs, settings, monkeypatch):
    monkeypatch.setattr(catalog_service, "PING_SECONDS", 0.1)
    async with served(runs, SERVICES, [QUERY], settings) as server:
        shop, down, hanging = (await server.catalog.ListSources(pb.ListSourcesRequest())).sources
    assert (shop.name, shop.kind, shop.state) == ("shop", "sqlite", catalog_pb2.SOURCE_STATE_AVAILABLE)
    assert down.state == hanging.state == catalog_pb2.SOURCE_STATE_UNAVAILABLE
    assert "is its server running?" in down.problem
    assert "No answer" in hanging.problem


async def test_a_source_is_described_to_those_who_may_ask_it(runs, settings):
    async with served(runs, SERVICES, [QUERY], settings) as server:
        request = pb.DescribeSourceRequest(source="shop")
        answer = await server.catalog.DescribeSource(request)
        assert answer.schema.tables[0].name == "orders"
        theirs = await refused(server.catalog.DescribeSource(request, metadata=[("authorization", "them")]))
        assert theirs.reason == "UNKNOWN_SOURCE"
        down = await refused(server.catalog.DescribeSource(pb.DescribeSourceRequest(source="down")))
        assert (down.reason, down.retry_seconds) == ("SOURCE_UNAVAILABLE", 1.0)


async def test_a_source_is_looked_at_anew_for_those_who_may_ask_it(runs, settings, tmp_path):
    with closing(sqlite3.connect(tmp_path / "t.db")) as made:
        made.execute("CREATE TABLE towns (name TEXT, people INTEGER)")
        sources = {"towns": SourceSettings(url=str(tmp_path / "t.db")), "theirs": THEIRS}
        async with catalog(sources=sources) as services, served(runs, services, [QUERY], settings) as server:
            await services.warmed()
            made.execute("CREATE TABLE rivers (length REAL)")
            answer = await server.catalog.RefreshSource(pb.RefreshSourceRequest(source="towns"))
            told = await server.queries.Classify(queries.ClassifyRequest(question="How long are the rivers?"))
            theirs = await refused(server.catalog.RefreshSource(pb.RefreshSourceRequest(source="theirs")))
    assert (answer.source, answer.tables, answer.columns, list(answer.added)) == ("towns", 2, 3, ["rivers"])
    assert (told.pipeline, [one.source for one in told.sources]) == ("query", ["towns"])
    assert (list(told.schemas[0].tables), told.schemas[0].tables_total) == (["rivers", "towns"], 2)
    assert theirs.reason == "UNKNOWN_SOURCE"


async def test_models_are_listed_with_their_roles_the_default_one_first(server):
    models = (await server.catalog.ListModels(pb.ListModelsRequest())).models
    assert [(m.name, m.provider, list(m.roles), m.is_default) for m in models] == [
        ("offline", "levada", ["default"], True),
        ("openai:big", "openai", ["fast"], False),
    ]


async def test_the_server_describes_itself_to_tools(server):
    stub = reflection_pb2_grpc.ServerReflectionStub(server.channel)
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="levada.v1.RunService"),
    ]
    listed, described = [answer async for answer in stub.ServerReflectionInfo(iter(asked))]
    names = {service.name for service in listed.list_services_response.service}
    assert {"levada.v1.QueryService", "levada.v1.RunService", "levada.v1.CatalogService"} <= names
    assert {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"} <= names
    files = [FileDescriptorProto.FromString(raw) for raw in described.file_descriptor_response.file_descriptor_proto]
    methods = {method.name for file in files for service in file.service for method in service.method}
    assert {"CreateRun", "WatchRuns", "ExportRun"} <= methods
