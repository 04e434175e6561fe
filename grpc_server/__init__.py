"""The gRPC server: Levada's door for every client that is not a browser."""

import os

# gRPC's core writes of a taken port, or a reader that vanished, to stderr by itself; what matters is said by us.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
