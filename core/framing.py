"""Protobuf's framing by hand: what is bytes already need not be parsed to be put into a message."""


def varint(number: int) -> bytes:
    """Return *number* as protobuf writes integers, negative ones as 64 bits."""
    number &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


# Most lengths are smaller than this; they are looked up.
_SHORT = tuple(varint(length) for length in range(2_048))


def length(data: bytes) -> bytes:
    """Return what stands before *data* in a field of bytes, text or a message, after the field's tag."""
    size = len(data)
    return _SHORT[size] if size < len(_SHORT) else varint(size)


def tag(field: int) -> bytes:
    """Return the tag of *field*, one of bytes, text or a message."""
    return varint(field << 3 | 2)
