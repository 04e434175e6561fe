"""`python -m grpc_server` as a user starts it: what it says when it can't."""

import asyncio

import pytest

from tests.servers import start_process


async def fails(folder, **variables):
    """Start the server, which must end by itself; return its exit code and what it said."""
    process = await start_process(folder, **variables)
    async with asyncio.timeout(30):
        out, error = await process.communicate()
    said = (out + error).decode()
    assert "Traceback" not in said
    return process.returncode, said


@pytest.mark.parametrize("address", ["0.0.0.0:50051", "[::]:50051", "192.0.2.7:50051", "example.org:50051"])
async def test_it_does_not_open_itself_to_the_world(tmp_path, address):
    code, said = await fails(tmp_path, LEVADA_GRPC=address)
    assert code == 2
    assert address in said
    assert "no authentication" in said


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"LEVADA_LEASE": "soon"}, ["LEVADA_LEASE", "number"]),
        ({"LEVADA_LIMITS__ROWS": "many"}, ["LEVADA_LIMITS__ROWS", "limits.rows"]),
        ({"LEVADA_CONFIG": "/nowhere/levada.toml"}, ["LEVADA_CONFIG", "/nowhere/levada.toml"]),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, ["OTEL_TRACES_EXPORTER", "zipkin", "otlp"]),
    ],
)
async def test_a_wrong_setting_is_named(tmp_path, variables, named):
    code, said = await fails(tmp_path, **variables)
    assert code == 2
    assert all(words in said for words in named), said


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ("[sources.shop]\n", ["sources.shop.url", "required"]),
        ("[sources.shop]\nurl = 'sqlite:///x.db'\nulr = 'typo'\n", ["sources.shop.ulr", "not permitted"]),
        ("[limits]\nrows = 'many'\n", ["limits.rows"]),
        ("[limits\n", ["levada.toml", "TOML"]),
    ],
)
async def test_a_wrong_configuration_file_is_named_with_the_field(tmp_path, config, named):
    (tmp_path / "levada.toml").write_text(config)
    code, said = await fails(tmp_path)
    assert code == 2
    assert all(words in said for words in named), said
