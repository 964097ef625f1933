"""Reads a backup as docs/backup-format.md describes it, by nothing but that description."""

import gzip
import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Table:
    columns: list[str]
    last_identity: int
    rows: list[dict] = field(default_factory=list)


def read(file: Path) -> tuple[dict, dict[str, Table]]:
    """The header and the tables; an AssertionError where something does not add up."""
    bytes = gzip.decompress(file.read_bytes())
    whole = hashlib.blake2b(digest_size=32)
    header, tables, current, sum_of_rows, position = None, {}, None, 0, 0
    while position < len(bytes):
        kind, length = struct.unpack_from("<cI", bytes, position)
        payload = bytes[position + 5:position + 5 + length]
        if kind == b"Z":
            end = json.loads(payload)
            assert end["checksum"] == whole.hexdigest()
            assert end["tables"] == len(tables) and end["rows"] == sum(len(table.rows) for table in tables.values())
            assert position + 5 + length == len(bytes)
            return header, tables
        whole.update(bytes[position:position + 5 + length])
        position += 5 + length
        if kind == b"H":
            header = json.loads(payload)
        elif kind == b"T":
            begun = json.loads(payload)
            columns = [column["name"] for column in begun["table"]["columns"]]
            current, sum_of_rows = Table(columns, begun["last_identity"]), 0
            tables[begun["table"]["name"]] = current
        elif kind == b"R":
            at = 0
            while at < len(payload):
                values, start = [], at
                for _ in current.columns:
                    value, at = _value(payload, at)
                    values.append(value)
                current.rows.append(dict(zip(current.columns, values)))
                digest = hashlib.blake2b(payload[start:at], digest_size=32).digest()
                sum_of_rows = (sum_of_rows + int.from_bytes(digest, "little")) % 2**256
        elif kind == b"E":
            assert json.loads(payload)["checksum"] == f"{len(current.rows)}:{sum_of_rows:064x}"
    raise AssertionError("the archive has no end")


def _value(bytes: bytes, at: int):
    kind, at = bytes[at], at + 1
    if kind == 0:
        return None, at
    if kind == 1:
        return struct.unpack_from("<q", bytes, at)[0], at + 8
    if kind == 2:
        return struct.unpack_from("<d", bytes, at)[0], at + 8
    length, shift = 0, 0
    while True:
        byte, at = bytes[at], at + 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    value = bytes[at:at + length]
    return (value.decode() if kind == 3 else value), at + length
