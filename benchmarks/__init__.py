"""What is measured, each by `python -m benchmarks.NAME`; the figures stand in README.md.

A benchmark asks more than one caller may, and so do the servers that it starts: the limits are lifted for all of them.
"""

import os

for name in ("RUNS_PER_MINUTE", "TENANT_RUNS_PER_MINUTE", "USER_STREAMS", "TENANT_STREAMS"):
    os.environ.setdefault(f"LEVADA_LIMITS__{name}", "1000000")
