"""Every error Levada raises on purpose: one root; the class carries reason, gRPC code, and whether retrying helps.

LevadaError
├── InvalidRequest            the caller's request is wrong as it stands
│   └── CursorAhead
├── NotFound                  something named does not exist, or is not the caller's
├── Conflict                  right request, wrong moment
│   └── RequestIdReused
├── CursorExpired
├── NotAllowed
├── DocumentUnreadable
├── NotImplementedYet
├── Limited                   a limit of ours was reached
├── QueryRefused              the guard said no
├── SourceError               what a database answered or failed to answer
│   ├── QueryFailed
│   ├── QueryTimeout
│   ├── SourceUnavailable
│   └── SourceLost
├── ModelError                what a language model answered or failed to answer
│   ├── ModelUnavailable
│   ├── ModelRejected
│   ├── ModelRefused
│   ├── ModelOutputInvalid
│   ├── BudgetExhausted       none was asked
│   ├── ModelRequired         there is none, and it can't be done without
│   └── NotUnderstood
├── TasksFailed
├── TriesExhausted
├── RunTimeout
├── StoreError
├── ReaderStalled
└── ServerStopping
"""

from core.errors.models import (
    BudgetExhausted,
    ModelError,
    ModelOutputInvalid,
    ModelRefused,
    ModelRejected,
    ModelRequired,
    ModelUnavailable,
    NotAlone,
    NotUnderstood,
)
from core.errors.requests import (
    Conflict,
    CursorAhead,
    CursorExpired,
    DocumentUnreadable,
    InvalidRequest,
    Limited,
    NotAllowed,
    NotFound,
    NotImplementedYet,
    RequestIdReused,
)
from core.errors.root import LevadaError, Reason
from core.errors.runs import ReaderStalled, RunTimeout, ServerStopping, StoreError, TasksFailed, TriesExhausted
from core.errors.sources import QueryFailed, QueryRefused, QueryTimeout, SourceError, SourceLost, SourceUnavailable

__all__ = [
    "BudgetExhausted",
    "Conflict",
    "CursorAhead",
    "CursorExpired",
    "DocumentUnreadable",
    "InvalidRequest",
    "LevadaError",
    "Limited",
    "ModelError",
    "ModelOutputInvalid",
    "ModelRefused",
    "ModelRejected",
    "ModelRequired",
    "ModelUnavailable",
    "NotAllowed",
    "NotAlone",
    "NotFound",
    "NotImplementedYet",
    "NotUnderstood",
    "QueryFailed",
    "QueryRefused",
    "QueryTimeout",
    "ReaderStalled",
    "Reason",
    "RequestIdReused",
    "RunTimeout",
    "ServerStopping",
    "SourceError",
    "SourceLost",
    "SourceUnavailable",
    "StoreError",
    "TasksFailed",
    "TriesExhausted",
]
