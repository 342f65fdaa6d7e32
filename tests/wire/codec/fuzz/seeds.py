"""Real messages of the contract, from which the fuzzed inputs are made."""

from collections.abc import Sequence
from functools import cache

from tests.golden.codecs import gojson, protobuf
from tests.golden.fixtures import golden_messages
from tests.golden.google import CONTRACT, google_classes
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import seeded

_SAMPLES = 10
_LONGEST = 400

type Seed = tuple[str, bytes]


@cache
def protobuf_seeds() -> Sequence[Seed]:
    """Return messages in protobuf, each with its name: every golden one, and random ones."""
    generator = seeded(10)
    golden = [(message.message, message.protobuf) for message in golden_messages()]
    random_ones = [
        (name, random_message(generator, cls).SerializeToString(deterministic=True))
        for name, cls in google_classes(*CONTRACT).items()
        for _ in range(_SAMPLES)
    ]
    return [seed for seed in golden + random_ones if len(seed[1]) <= _LONGEST]


@cache
def json_seeds() -> Sequence[Seed]:
    """Return the same messages in JSON."""
    return [
        (name, gojson(name).encode(protobuf(name).decode(data))) for name, data in protobuf_seeds()
    ]
