"""Reads TensorBoard event files without TensorBoard: records with their checks, and the scalars in them."""
import struct


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked_crc(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        assert struct.unpack_from("<I", data, at + 8)[0] == masked_crc(data[at:at + 8]), f"length at {at}"
        event = data[at + 12:at + 12 + length]
        assert len(event) == length, f"record at {at} is cut"
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked_crc(event), f"record at {at}"
        yield event
        at += 16 + length


def fields(message):
    """(number, value) of a protobuf message: integers, floats, bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            length = varint()
            yield key >> 3, message[at:at + length]
            at += length
        else:
            size, form = {1: (8, "<d"), 5: (4, "<f")}[key & 7]
            yield key >> 3, struct.unpack_from(form, message, at)[0]
            at += size


def scalars(data):
    """[(step, {tag: value})] of a file of events; the first record must be the version's."""
    events = [list(fields(event)) for event in records(data)]
    assert dict(events[0])[3] == b"brain.Event:2", events[0]
    result = []
    for event in events[1:]:
        values = {}
        for number, value in fields(dict(event)[5]):
            entry = dict(fields(value))
            assert number == 1 and set(entry) == {1, 2}, entry
            values[entry[1].decode()] = entry[2]
        result.append((dict(event)[2], values))
    return result
