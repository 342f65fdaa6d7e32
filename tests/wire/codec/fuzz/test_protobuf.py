"""A hundred thousand mutated messages in protobuf, with google's parser as the judge."""

import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest
from google.protobuf.message import DecodeError as GoogleDecodeError
from google.protobuf.message import Message as GoogleMessage

from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk.errors import DecodeError
from tests.golden.codecs import protobuf
from tests.golden.google import CONTRACT, differences, google_classes
from tests.wire.codec.fuzz.checks import assert_frugal, assert_linear
from tests.wire.codec.fuzz.mutations import mutate_protobuf, seeded
from tests.wire.codec.fuzz.seeds import protobuf_seeds

ROUNDS = 20
INPUTS_PER_ROUND = 5_000
INPUTS_TO_COUNT = 3_000


def _inputs(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    generator = seeded(seed)
    seeds = protobuf_seeds()
    for _ in range(count):
        name, data = generator.choice(seeds)
        yield name, mutate_protobuf(generator, data, generator.choice(seeds)[1])


def _ours(name: str, data: bytes) -> ProtoMessage | None:
    try:
        return protobuf(name).decode(data)
    except DecodeError:
        return None


def _theirs(name: str, data: bytes) -> GoogleMessage | None:
    try:
        return google_classes(*CONTRACT)[name].FromString(data)
    except GoogleDecodeError:
        return None


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_google_and_we_agree(seed: int) -> None:
    """We reject what google rejects, and read the rest as equal messages."""
    accepted = 0
    for name, data in _inputs(seed, INPUTS_PER_ROUND):
        ours = _ours(name, data)
        theirs = _theirs(name, data)
        assert (ours is None) == (theirs is None), f"{name} {data.hex()}"
        if theirs is not None:
            accepted += 1
            assert differences(ours, theirs) == [], f"{name} {data.hex()}"
    # Neither are all rejected at the first byte, nor do the mutations change nothing.
    assert INPUTS_PER_ROUND // 20 < accepted < INPUTS_PER_ROUND // 2


def test_what_is_read_can_be_written() -> None:
    """Whatever was accepted is written, and read back as the same message."""
    for name, data in _inputs(ROUNDS, INPUTS_PER_ROUND):
        message = _ours(name, data)
        if message is not None:
            codec = protobuf(name)
            assert codec.decode(codec.encode(message)) == message, f"{name} {data.hex()}"


def test_work_is_in_proportion() -> None:
    """No input takes more calls than a small multiple of its length."""
    for name, data in _inputs(ROUNDS + 1, INPUTS_TO_COUNT):
        assert_linear(partial(_ours, name), data)


def test_memory_is_in_proportion() -> None:
    """No input makes more objects than a small multiple of its length."""
    tracemalloc.start()
    try:
        for name, data in _inputs(ROUNDS + 1, INPUTS_TO_COUNT):
            assert_frugal(partial(_ours, name), data)
    finally:
        tracemalloc.stop()
