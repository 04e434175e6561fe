"""`python -m benchmarks` runs every benchmark that needs no data of its own, one after the other, in their defaults."""

import subprocess
import sys

NAMES = (
    "start",
    "engine",
    "append",
    "shared",
    "retention",
    "first_event",
    "gateway",
    "websocket",
    "streams",
    "stalled",
    "rows",
    "prompts",
    "federated",
    "side_by_side",
    "agents",
    "workflow",
)


def main() -> int:
    failed = 0
    for name in NAMES:
        print(f"\n# python -m benchmarks.{name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
