"""WebSockets: several runs over one connection, asked, watched and steered in both directions.

`protocol` bounds what a connection may cost, `door` lets it in, `session` reads what the client says, `outflow` writes
what the runs say, `words` are the messages. `reference` is the same in the words of the reference design's client.
"""

from gateway.websocket.door import plain
from gateway.websocket.reference import reference

DOORS = (plain, reference)
