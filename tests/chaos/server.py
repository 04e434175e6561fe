"""`python -m tests.chaos.server`: the server as users run it, with one more pipeline, and runs it may die of."""

import sys

from core.pipelines import PIPELINES
from core.pipelines.answering import asking
from core.pipelines.query import context
from grpc_server.__main__ import main
from tests.chaos import dying, freezing
from tests.chaos.relay import RELAY

if __name__ == "__main__":
    PIPELINES.append(RELAY)
    # What a run tells is held against another's: on a busy machine too, both know the values of a server just started.
    asking.INDEX_SECONDS = context.LOOK_UP_SECONDS = 120.0
    dying.arm()
    freezing.arm()
    sys.exit(main())
