"""`python -m tests.chaos.server`: the server as users run it, with one more pipeline, and runs it may die of."""

import sys
from importlib import import_module

from core.pipelines import PIPELINES
from core.pipelines.answering import analyze, asking
from core.pipelines.query import context
from core.sources.knowledge.reading import Reader
from grpc_server.__main__ import main
from tests.chaos import dying, freezing
from tests.chaos.relay import RELAY

PATIENCE = 120.0

if __name__ == "__main__":
    PIPELINES.append(RELAY)
    # What a run tells is held against another's: on a busy machine too, both know the values and the documents of a
    # server just started, and have the time to check what they say.
    asking.INDEX_SECONDS = context.LOOK_UP_SECONDS = analyze.CHECKING_SECONDS = PATIENCE
    describing = import_module("core.sources.sqlite.describe")  # by that name the package has its function
    describing._SECONDS = describing._SAMPLING_SECONDS = PATIENCE  # type: ignore[attr-defined]
    Reader.__init__.__defaults__ = (PATIENCE,)
    dying.arm()
    freezing.arm()
    sys.exit(main())
