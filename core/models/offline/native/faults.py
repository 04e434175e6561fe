"""What happens when a source's own language has no words for a query."""


class CannotSay(Exception):
    """The source can't do that by itself; the message says what, for people."""
