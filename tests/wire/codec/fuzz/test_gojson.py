"""A hundred thousand mutated messages in JSON."""

import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest

from mirastack_sdk._wire.codec.proto_message import ProtoMessage
from mirastack_sdk.errors import DecodeError
from tests.golden.codecs import gojson
from tests.wire.codec.fuzz.checks import assert_frugal, assert_linear
from tests.wire.codec.fuzz.mutations import mutate_json, seeded
from tests.wire.codec.fuzz.seeds import json_seeds

ROUNDS = 20
INPUTS_PER_ROUND = 5_000
INPUTS_TO_COUNT = 3_000


def _inputs(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    generator = seeded(seed)
    seeds = json_seeds()
    for _ in range(count):
        name, data = generator.choice(seeds)
        yield name, mutate_json(generator, data, generator.choice(seeds)[1])


def _read(name: str, data: bytes) -> ProtoMessage | None:
    try:
        return gojson(name).decode(data)
    except DecodeError:
        return None


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_any_input_is_a_message_or_an_error(seed: int) -> None:
    """Only DecodeError is raised, and what is read can be written."""
    accepted = 0
    for name, data in _inputs(seed, INPUTS_PER_ROUND):
        message = _read(name, data)
        if message is not None:
            accepted += 1
            codec = gojson(name)
            assert codec.decode(codec.encode(message)) == message, f"{name} {data!r}"
    # Neither are all rejected at the first byte, nor do the mutations change nothing.
    assert INPUTS_PER_ROUND // 20 < accepted < INPUTS_PER_ROUND // 2


def test_work_is_in_proportion() -> None:
    """No input takes more calls than a small multiple of its length."""
    for name, data in _inputs(ROUNDS, INPUTS_TO_COUNT):
        assert_linear(partial(_read, name), data)


def test_memory_is_in_proportion() -> None:
    """No input makes more objects than a small multiple of its length."""
    tracemalloc.start()
    try:
        for name, data in _inputs(ROUNDS, INPUTS_TO_COUNT):
            assert_frugal(partial(_read, name), data)
    finally:
        tracemalloc.stop()
