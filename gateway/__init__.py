"""The gateway: HTTP and server-sent events for what the gRPC server does. It holds no runs and knows no pipeline."""

import os

# Before grpc is imported anywhere: its newer event engine takes half as much CPU again on one long stream of small
# messages (113 against 162 µs an event through the whole gateway, `python -m benchmarks.gateway`).
os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_client")
