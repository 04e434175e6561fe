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

import psutil

# An installation keeps its byte code: compiling the house anew at each start would measure the compiler.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def imported() -> float:
    """Return the seconds that a new interpreter takes to import the core, its own start left out."""
    code = "import time; t = time.perf_counter(); import core.engine, core.catalog; print(time.perf_counter() - t)"
    python = [sys.executable, "-c", code]
    return float(subprocess.run(python, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout)


def ready(folder: str) -> tuple[float, float]:
    """Start `python -m grpc_server`; return the seconds until its line that it listens, of the clock and of CPU.

    The sample exists. CPU is what counts on a machine that is shared: the clock also waits for others.
    """
    environment = {
        **ENVIRONMENT,
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
                elapsed, used = time.perf_counter() - begun, psutil.Process(process.pid).cpu_times()
                return elapsed, used.user + used.system
        raise SystemExit("the server ended before it listened")
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        ready(folder)  # creates the store and, where they are missing, the sample shop and the byte code
        starts = [ready(folder) for _ in range(times)]
    imports = [imported() for _ in range(times)]
    print(f"import core        {statistics.median(imports):.2f} s (median of {times})")
    wall, cpu = (statistics.median(column) for column in zip(*starts, strict=True))
    print(f"server ready       {wall:.2f} s, of which {cpu:.2f} s CPU (medians of {times}; goal < 2 s)")


if __name__ == "__main__":
    main()
