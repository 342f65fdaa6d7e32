"""Every supported kind of field behaves as in Google's classes for the same proto."""

import copy
import math
import pickle
from pathlib import Path

import pytest

from mirastack_sdk.errors import DecodeError, EncodeError
from tests.codegen.generated import everything
from tests.golden.google import EVERYTHING, differences, google_classes
from tests.golden.samples import random_message
from tests.typing.strict import mypy_strict, pyright_strict
from tests.wire.codec.fuzz.mutations import mutate_json, mutate_protobuf, seeded

NAMES = sorted(google_classes(*EVERYTHING))
SAMPLES = 60
MUTATED = 2000


@pytest.mark.parametrize("name", NAMES)
def test_google_and_we_write_the_same(name: str) -> None:
    """We read what Google's classes write, and they read what we write."""
    theirs = google_classes(*EVERYTHING)[name]
    codec = everything().protobuf(name)
    generator = seeded(1)
    for _ in range(SAMPLES):
        sample = random_message(generator, theirs)
        data = sample.SerializeToString(deterministic=True)
        ours = codec.decode(data)
        assert differences(ours, sample) == []
        # Google sorts a map by its keys' bytes, and we keep it in order: hence the way around.
        assert theirs.FromString(codec.encode(ours)).SerializeToString(deterministic=True) == data


@pytest.mark.parametrize("name", NAMES)
def test_json_carries_every_value(name: str) -> None:
    """A message written as JSON is read as the same message."""
    codec = everything().gojson(name)
    generator = seeded(2)
    for _ in range(SAMPLES):
        sample = random_message(generator, google_classes(*EVERYTHING)[name])
        ours = everything().protobuf(name).decode(sample.SerializeToString())
        assert codec.decode(codec.encode(ours)) == ours


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_copies_and_compares(name: str) -> None:
    """A message of any fields can be copied, pickled, displayed and compared."""
    generator = seeded(5)
    for _ in range(SAMPLES):
        sample = random_message(generator, google_classes(*EVERYTHING)[name])
        ours = everything().protobuf(name).decode(sample.SerializeToString())
        for twin in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):  # noqa: S301 - our own bytes
            assert twin == ours
            assert repr(twin) == repr(ours)
        assert bool(ours) == bool(sample.ListFields())
        assert set(ours.to_dict()) <= set(ours.to_dict(include_default_values=True))


def test_the_type_checkers_pass_every_kind(tmp_path: Path) -> None:
    """Kinds of fields that the contract does not use have no type errors either."""
    assert mypy_strict(everything().folder) == []
    assert pyright_strict(everything().folder, folder=tmp_path) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Empty"])
def test_google_and_we_read_the_same_in_mutated_protobuf(name: str) -> None:
    """We reject what Google's classes reject, and read the rest as the same message."""
    theirs = google_classes(*EVERYTHING)[name]
    codec = everything().protobuf(name)
    generator = seeded(3)
    for _ in range(MUTATED):
        seed = random_message(generator, theirs).SerializeToString()
        other = random_message(generator, theirs).SerializeToString()
        data = mutate_protobuf(generator, seed, other)
        try:
            message = theirs.FromString(data)
        except Exception:  # noqa: BLE001 - google's own error, whatever its class
            with pytest.raises(DecodeError):
                codec.decode(data)
        else:
            assert differences(codec.decode(data), message) == [], data.hex()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "Empty"])
def test_mutated_json_is_a_message_or_an_error(name: str) -> None:
    """Whatever is read can be written again; everything else is a DecodeError."""
    codec = everything().gojson(name)
    generator = seeded(4)
    seeds = [_json_sample(generator.randrange(1000), name) for _ in range(20)]
    for _ in range(MUTATED):
        data = mutate_json(generator, generator.choice(seeds), generator.choice(seeds))
        try:
            message = codec.decode(data)
        except DecodeError:
            continue
        assert codec.decode(codec.encode(message)) == message


def _json_sample(seed: int, name: str) -> bytes:
    sample = random_message(seeded(seed), google_classes(*EVERYTHING)[name])
    message = everything().protobuf(name).decode(sample.SerializeToString())
    return everything().gojson(name).encode(message)


def test_a_tree_within_itself_is_an_error() -> None:
    """A message that contains itself is refused in both encodings."""
    ours = everything()
    tree = ours.type("Tree")()
    tree.child = tree
    for codec in (ours.protobuf("Tree"), ours.gojson("Tree")):
        with pytest.raises(EncodeError, match="nested too deeply, or within itself"):
            codec.encode(tree)


@pytest.mark.parametrize("field", ["child", "children", "named"])
@pytest.mark.parametrize("levels", [1, 50, 100])
def test_both_encodings_carry_a_hundred_levels(field: str, levels: int) -> None:
    """Both encodings read back whatever they write, at any nesting."""
    ours = everything()
    tree = ours.type("Tree")(name="leaf")
    # An entry of a map is a level of its own.
    for _ in range(levels // 2 if field == "named" else levels):
        value = {"child": tree, "children": [tree], "named": {"a": tree}}[field]
        tree = ours.type("Tree")(**{field: value})
    assert ours.protobuf("Tree").decode(ours.protobuf("Tree").encode(tree)) == tree
    assert ours.gojson("Tree").decode(ours.gojson("Tree").encode(tree)) == tree


@pytest.mark.parametrize(("field", "levels"), [("child", 101), ("children", 101), ("named", 51)])
def test_neither_encoding_writes_what_it_could_not_read(field: str, levels: int) -> None:
    """A message that is nested too deeply for a reader is refused when it is written."""
    ours = everything()
    tree = ours.type("Tree")(name="leaf")
    for _ in range(levels):
        value = {"child": tree, "children": [tree], "named": {"a": tree}}[field]
        tree = ours.type("Tree")(**{field: value})
    for codec in (ours.protobuf("Tree"), ours.gojson("Tree")):
        with pytest.raises(EncodeError, match=f"Tree.{field}: the message is nested too deeply"):
            codec.encode(tree)


def test_infinity_and_nan_are_protobuf_only() -> None:
    """Protobuf can represent them; JSON cannot, and the error says so."""
    ours = everything()
    for number in (math.inf, -math.inf, math.nan):
        message = ours.type("Scalars")(a_double=number, a_float=number)
        codec = ours.protobuf("Scalars")
        assert codec.decode(codec.encode(message)) == message
        with pytest.raises(EncodeError, match=r"Scalars.a_double: expected a finite float"):
            ours.gojson("Scalars").encode(message)
