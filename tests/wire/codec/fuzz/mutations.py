"""Bytes that are nearly a message: mutated messages, the same at each run."""

import json
import random
from collections.abc import Callable, Sequence

_JSON_TOKENS = (
    *(b"null", b"true", b"false", b"1.5", b"1e2", b"-0", b"0", b"[]", b"{}", b'""', b'"a"'),
    *(b",", b":", b"[", b"]", b"{", b"}", b'"', b"\\", b"\\u", b"\\ud800", b"\\n", b" ", b"\n"),
    *(b"2147483648", b"9223372036854775808", b"1" * 30, b"=", b"\x00", b"e", b".", b"-", b"NaN"),
    *(b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"[" * 300, b'{"a":' * 300),
)
_PROTOBUF_TOKENS = (
    *(bytes((byte,)) for byte in (0, 1, 3, 4, 0x0B, 0x0C, 0x7F, 0x80, 0xFF)),
    *(b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x07", b"\x80" * 5, b"\x0b" * 120),
    *(b"\xf8\xff\xff\xff\x0f\x01", b"\x9b\x06\x9c\x06", b"\x0a\x02\xc3\x28"),
)

type Bytes = bytes | bytearray
type Mutation = Callable[[random.Random, bytearray, Sequence[bytes], Bytes], None]


def _flip(generator: random.Random, data: bytearray, _: Sequence[bytes], __: Bytes) -> None:
    if data:
        data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)


def _insert(generator: random.Random, data: bytearray, tokens: Sequence[bytes], _: Bytes) -> None:
    place = generator.randrange(len(data) + 1)
    data[place:place] = generator.choice(tokens)


def _replace(generator: random.Random, data: bytearray, tokens: Sequence[bytes], _: Bytes) -> None:
    place = generator.randrange(len(data) + 1)
    data[place : place + generator.randrange(1, 6)] = generator.choice(tokens)


def _delete(generator: random.Random, data: bytearray, _: Sequence[bytes], __: Bytes) -> None:
    place = generator.randrange(len(data) + 1)
    del data[place : place + generator.randrange(1, 10)]


def _truncate(generator: random.Random, data: bytearray, _: Sequence[bytes], __: Bytes) -> None:
    del data[generator.randrange(len(data) + 1) :]


def _repeat(generator: random.Random, data: bytearray, _: Sequence[bytes], __: Bytes) -> None:
    start = generator.randrange(len(data) + 1)
    place = generator.randrange(len(data) + 1)
    data[place:place] = data[start : start + generator.randrange(1, 40)]


def _splice(generator: random.Random, data: bytearray, _: Sequence[bytes], other: Bytes) -> None:
    start = generator.randrange(len(other) + 1)
    place = generator.randrange(len(data) + 1)
    data[place:place] = other[start : start + generator.randrange(1, 60)]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _insert,
    _replace,
    _delete,
    _truncate,
    _repeat,
    _splice,
)


def seeded(seed: int) -> random.Random:
    """Return a generator of the same numbers each time."""
    return random.Random(seed)  # noqa: S311 - these numbers keep no secret


def mutate(generator: random.Random, seed: bytes, other: bytes, tokens: Sequence[bytes]) -> bytes:
    """Return one message's bytes after one to three mutations, some with bytes of another's."""
    data = bytearray(seed)
    for _ in range(generator.randrange(1, 4)):
        generator.choice(_MUTATIONS)(generator, data, tokens, other)
    return bytes(data)


def mutate_json(generator: random.Random, seed: bytes, other: bytes) -> bytes:
    """Return mutated JSON."""
    return mutate(generator, seed, other, _JSON_TOKENS)


def mutate_protobuf(generator: random.Random, seed: bytes, other: bytes) -> bytes:
    """Return mutated protobuf."""
    return mutate(generator, seed, other, _PROTOBUF_TOKENS)


def mutated_json(
    generator: random.Random, seeds: Sequence[tuple[str, bytes]], count: int
) -> list[tuple[str, bytes]]:
    """Return mutated JSON messages, by name, on which we must agree with Go."""
    found: list[tuple[str, bytes]] = []
    while len(found) < count:
        message, seed = generator.choice(seeds)
        data = mutate_json(generator, seed, generator.choice(seeds)[1])
        if _is_agreed(data):
            found.append((message, data))
    return found


def _is_agreed(data: bytes) -> bool:
    """Whether data is UTF-8, not too deep, and names no field twice or in other letters."""
    names: list[str] = []
    is_distinct = True

    def note(pairs: list[tuple[str, object]]) -> None:
        nonlocal is_distinct
        keys = [key.lower() for key, _ in pairs]
        is_distinct = is_distinct and len(set(keys)) == len(keys)
        names.extend(key for key, _ in pairs)

    try:
        text = data.decode()
        json.loads(text, object_pairs_hook=note)
    except UnicodeDecodeError:
        return False
    except ValueError:
        # Not JSON, for Go neither, wherever it ends.
        return True
    # Go before 1.22 writes these two otherwise.
    is_portable = "\\b" not in text and "\\f" not in text
    return is_distinct and is_portable and all(name == name.lower() for name in names)
