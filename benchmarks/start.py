"""How long a cold start takes: `import core…` alone, and the server process until it is ready.

python -m benchmarks.start [--times N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def imported() -> float:
    """Return the seconds that a new interpreter takes to import the core, its own start left out."""
    code = "import time; t = time.perf_counter(); import core.engine, core.catalog; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def ready(folder: str) -> float:
    """Return the seconds from starting `python -m grpc_server` to its line that it listens. The sample exists."""
    environment = {
        **os.environ,
        "LEVADA_STORE": f"sqlite:///{folder}/levada.db",
        "LEVADA_GRPC": "127.0.0.1:0",
    }
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "grpc_server"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "listening" in line:
                return time.perf_counter() - begun
        raise SystemExit("the server ended before it listened")
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        ready(folder)  # creates the store and, where it is missing, the sample shop
        starts = [ready(folder) for _ in range(times)]
    imports = [imported() for _ in range(times)]
    print(f"import core        {statistics.median(imports):.2f} s (median of {times})")
    print(f"server ready       {statistics.median(starts):.2f} s (median of {times}; goal < 2 s)")
    print(f"                   max {max(starts):.2f} s, in {Path.cwd().name}")


if __name__ == "__main__":
    main()
