"""The files in deploy/ name only what there is: settings, files, each other's services."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.settings import Settings
from tests.servers import ROOT

COMPOSE, DOCKERFILE, NGINX = (
    (ROOT / "deploy" / name).read_text("utf-8") for name in ("compose.yaml", "Dockerfile", "nginx.conf")
)
SERVICES = set(re.findall(r"^  ([\w-]+):", COMPOSE.partition("\nservices:")[2], re.MULTILINE))
# Debian has it where only the superuser's PATH looks.
EXECUTABLE = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def setting(variable: str) -> bool:
    """Tell whether *variable* sets something."""
    found: type[BaseModel] | None = Settings
    for name in variable.removeprefix("LEVADA_").lower().split("__"):
        if found is None or name not in found.model_fields:
            return False
        kind = found.model_fields[name].annotation
        found = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return True


def test_what_is_set_in_the_compose_file_is_a_setting():
    named = re.findall(r"(LEVADA_\w+): ", COMPOSE)
    assert len(named) > 5
    assert [name for name in named if not setting(name)] == []


def test_the_services_that_are_named_are_there():
    waited_for = re.findall(r"(\w[\w-]*): \{ condition:", COMPOSE)
    reached = re.findall(r"server ([\w-]+):\d+", NGINX) + re.findall(r"LEVADA_GRPC: ([\w-]+):", COMPOSE)
    assert reached == ["gateway-1", "gateway-2", "server"]
    assert {*waited_for, *reached} <= SERVICES


def test_what_the_image_is_made_of_is_there():
    copied = [path for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for path in line.split()[:-1]]
    assert len(copied) > 4
    assert [path for path in copied if not (ROOT / path).exists()] == []


@pytest.mark.skipif(EXECUTABLE is None, reason="There is no nginx on this machine.")
def test_nginx_understands_its_file(tmp_path: Path):
    file = tmp_path / "nginx.conf"
    own = f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log;\n"
    here = re.sub(r"gateway-\d:8080", "127.0.0.1:8080", NGINX).replace("listen 80;", "listen 127.0.0.1:8090;")
    file.write_text(own + here, "utf-8")
    told = subprocess.run([EXECUTABLE, "-t", "-c", file], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
