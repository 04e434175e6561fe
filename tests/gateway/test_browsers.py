"""What browsers may do here: pages and their policy, other origins, foreign names."""

import re
import shutil

import pytest

from core.settings import Settings
from gateway.endpoints.pages import STATIC


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/runs/0190-a", "/runs/0190-a/replay", "/compare?left=a", "/sources/shop"]
)
async def test_pages_come_with_a_policy_that_lets_nothing_else_in(door, path):
    answer = await door.client.get(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|style=|https?://", answer.text)
    needed = re.findall(r"""(?:src|href)="([^"]+)""", answer.text)
    assert needed
    for address in needed:
        assert (await door.client.get(address)).status_code == 200, address


@pytest.mark.parametrize("path", sorted((STATIC / "assets").iterdir()), ids=lambda path: path.name)
async def test_what_pages_need_is_served_here_and_kept_by_browsers(door, path):
    answer = await door.client.get(f"/assets/{path.name}", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, path.read_bytes())
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    packed = await door.client.get(f"/assets/{path.name}", headers={"Accept-Encoding": "gzip"})
    assert packed.content == answer.content
    assert int(packed.headers["content-length"]) <= len(answer.content)
    for imported in re.findall(r"""(?:from|import\()\s*["'`](\./[^"'`]+)""", answer.text):
        assert (await door.client.get(f"/assets/{imported[2:]}")).status_code == 200, imported


async def test_a_page_that_did_not_change_is_not_sent_again(door):
    first = await door.client.get("/")
    again = await door.client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_page_that_is_built_anew_meanwhile_is_served_as_it_is_then(door, monkeypatch, tmp_path):
    built = shutil.copytree(STATIC, tmp_path / "static")
    monkeypatch.setattr("gateway.endpoints.pages.STATIC", built)
    assert (await door.client.get("/")).status_code == 200
    old = next((built / "assets").iterdir())
    assert (await door.client.get(f"/assets/{old.name}")).status_code == 200
    old.rename(built / "assets" / "new-1234.js")
    (built / "index.html").write_text("<p>New</p>")
    assert (await door.client.get("/")).text == "<p>New</p>"
    assert (await door.client.get("/assets/new-1234.js")).status_code == 200
    assert (await door.client.get(f"/assets/{old.name}")).status_code == 404
    shutil.rmtree(built)
    assert (await door.client.get("/")).status_code == 404


@pytest.mark.parametrize("path", ["/embed.js", "/assets/{}"])
async def test_pages_of_other_sites_may_load_what_they_embed(door, path):
    script = next(path.name for path in (STATIC / "assets").iterdir() if path.suffix == ".js")
    answer = await door.client.get(path.format(script), headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("name", ["..%2fapp.py", "%2e%2e/app.py", "app.py", "index.html%00", "../app.py", ""])
async def test_no_other_file_can_be_had(door, name):
    assert (await door.client.get(f"/assets/{name}")).status_code in (404, 405)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.io", ""]
)
async def test_a_foreign_name_for_this_machine_is_refused(door, host):
    answer = await door.client.get("/v1/runs", headers={"Host": host})
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "levada.internal"])
@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", http_hosts=("levada.internal",))])
async def test_this_machines_own_names_and_configured_ones_are_answered(door, host):
    assert (await door.client.get("/v1/runs", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://["}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
async def test_pages_of_other_origins_may_not_ask(door, runs, headers):
    answer = await door.client.post("/v1/runs", json={"question": "q"}, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")
    assert runs.held == {}


async def test_the_own_page_may_ask(door):
    headers = {"Origin": door.url, "Sec-Fetch-Site": "same-origin"}
    assert (await door.client.post("/v1/runs", json={"question": "q"}, headers=headers)).status_code == 201


CORS = Settings(
    http="127.0.0.1:0", cors_origins=("https://app.example",), cors_origin_regex=r"https://[a-z]+\.preview\.example"
)


@pytest.mark.parametrize("settings", [CORS])
@pytest.mark.parametrize("origin", ["https://app.example", "https://one.preview.example"])
async def test_allowed_origins_may_ask_and_watch(door, origin):
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    preflight["Access-Control-Request-Headers"] = "content-type, idempotency-key, last-event-id"
    allowed = await door.client.options("/v1/runs", headers=preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, origin)
    answer = await door.client.post("/v1/runs", json={"question": "q"}, headers={"Origin": origin})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (201, origin)
    assert "Location" in answer.headers["access-control-expose-headers"]
    missing = await door.client.get("/v1/runs/x/events", headers={"Origin": origin})
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (404, origin)


@pytest.mark.parametrize("settings", [CORS])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "https://app.example.evil", "https://a.preview.example.evil", "http://app.example"],
)
async def test_origins_that_only_look_alike_may_not(door, origin):
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    refused = await door.client.options("/v1/runs", headers=preflight)
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert (await door.client.post("/v1/runs", json={}, headers={"Origin": origin})).status_code == 403


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", demo=True)])
@pytest.mark.parametrize("port", [5173, 3000, 8501, 8080])
async def test_in_a_demo_the_usual_development_ports_may_ask(door, port):
    headers = {"Origin": f"http://localhost:{port}"}
    assert (await door.client.post("/v1/runs", json={"question": "q"}, headers=headers)).status_code == 201
