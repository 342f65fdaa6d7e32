"""JSON is what encoding/json writes and reads for the structs that protoc-gen-go generates."""

from datetime import UTC, datetime, timedelta

import pytest

from mirastack_sdk.errors import DecodeError, EncodeError
from tests.codegen.generated import engine
from tests.codegen.go_json.building import GoProgram, built
from tests.golden.google import ENGINE, google_classes
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import seeded

ROUNDS = 8
CLASSES = google_classes(*ENGINE)


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> GoProgram:
    """Return the program with Go's structs."""
    return built(tmp_path_factory.mktemp("go"))


def _samples(seed: int) -> list[tuple[str, bytes]]:
    """Return messages that we have written, so that they have no nanoseconds that Python lacks."""
    generator = seeded(seed)
    return [
        (name, bytes(engine().protobuf(name).decode(sample.SerializeToString())))
        for _ in range(ROUNDS)
        for name, cls in CLASSES.items()
        for sample in [random_message(generator, cls, depth=2)]
    ]


def _encoded(name: str, data: bytes) -> bytes | None:
    try:
        return engine().gojson(name).encode(engine().protobuf(name).decode(data))
    except EncodeError:
        return None


def _decoded(name: str, data: bytes) -> object:
    try:
        return engine().gojson(name).decode(data)
    except DecodeError:
        return None


def test_go_and_we_write_the_same(go: GoProgram) -> None:
    """Every byte is the same, and what Go cannot write we refuse to write."""
    samples = _samples(1)
    written = go.write((CLASSES[name].DESCRIPTOR.full_name, data) for name, data in samples)
    assert sum(data is None for data in written) < len(samples) / 2
    for (name, data), theirs in zip(samples, written, strict=True):
        assert _encoded(name, data) == theirs, name


def test_go_and_we_read_the_same(go: GoProgram) -> None:
    """What Go reads we read as the same message, and what it cannot read we refuse."""
    texts = [(name, text) for name, data in _samples(2) if (text := _encoded(name, data))]
    read = go.read((CLASSES[name].DESCRIPTOR.full_name, text) for name, text in texts)
    assert 0 < sum(data is None for data in read) < len(texts) / 2
    for (name, text), theirs in zip(texts, read, strict=True):
        ours = _decoded(name, text)
        if "null_value" in repr(ours):
            # Where a map or a list has a Value that is null, Go reads none; we read what was sent.
            continue
        assert ours == (None if theirs is None else engine().protobuf(name).decode(theirs)), name


# The name of a message, its fields, and what Go writes for them.
GOLDEN = (
    ("Parameter", {"raw": b"a"}, '{"Kind":null,"Fallback":{"Raw":"YQ=="}}'),
    ("Parameter", {"count": 0, "name": "n"}, '{"name":"n","Kind":null,"Fallback":{"Count":{}}}'),
    ("Parameter", {"ratio": 0.0}, '{"Kind":null,"Fallback":{"Ratio":0}}'),
    ("Counters", {"by_int32": {10: 1, 9: 2, -1: 3}}, '{"by_int32":{"-1":3,"10":1,"9":2}}'),
    (
        "Agent",
        {"registered_at": datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)},
        '{"registered_at":{"seconds":1,"nanos":5000}}',
    ),
    ("Stop", {"grace": timedelta(seconds=-1.5)}, '{"grace":{"seconds":-1,"nanos":-500000000}}'),
    ("Stop", {"grace": timedelta()}, '{"grace":{}}'),
    (
        "Limits",
        {"enabled": False, "calls": 7, "plan": "p", "key": b"k", "history": [0, 1]},
        (
            '{"enabled":{},"calls":{"value":7},"plan":{"value":"p"},"key":{"value":"aw=="},'
            '"history":[{},{"value":1}]}'
        ),
    ),
)


@pytest.mark.parametrize(("name", "fields", "expected"), GOLDEN)
def test_the_bytes_of_each_construct(name: str, fields: dict[str, object], expected: str) -> None:
    """These are Go's bytes, for machines without Go."""
    assert engine().gojson(name).encode(engine().type(name)(**fields)).decode() == expected


def test_any_json_is_written_as_it_is() -> None:
    """Struct, Value and ListValue are the JSON that they stand for."""
    ours = engine()
    text = b'{"rows":[null,true,1.5,"a",{"b":[]},[{}]]}'
    assert ours.gojson("Output").encode(ours.gojson("Output").decode(text)) == text


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("Parameter", b'{"Kind":{"Text":{}}}', "Parameter.kind: Go's encoding/json cannot read a"),
        ("Switches", b'{"names":{"true":"a"}}', "Switches.names: Go's encoding/json cannot read a"),
        ("Counters", b'{"by_int32":{"1.5":1}}', "Counters.by_int32: expected a key that is an int"),
        ("Counters", b'{"by_uint32":{"-1":1}}', "Counters.by_uint32: expected a key that is an"),
        ("Stop", b'{"grace":{"seconds":1,"nanos":-1}}', "Stop.grace: expected a Duration of at"),
        ("Agent", b'{"registered_at":"2020-01-01T00:00:00Z"}', "Agent.registered_at: expected an"),
    ],
)
def test_what_go_cannot_read_is_refused(name: str, text: bytes, reason: str) -> None:
    """The error names the field and says what is wrong."""
    with pytest.raises(DecodeError, match=reason):
        engine().gojson(name).decode(text)


def test_a_oneof_that_is_null_is_not_set() -> None:
    """Go writes null for a oneof that is not set, and that can be read."""
    message = engine().gojson("Parameter").decode(b'{"name":"n","Kind":null,"Fallback":null}')
    assert message == engine().type("Parameter")(name="n")


def test_what_go_cannot_write_is_refused() -> None:
    """Maps with bools as keys, and a Value that is nothing, are errors that name the field."""
    ours = engine()
    with pytest.raises(EncodeError, match=r"Switches.names: Go's encoding/json cannot write a map"):
        ours.gojson("Switches").encode(ours.type("Switches")(names={True: "a"}))
    value = type(ours.type("Parameter").FromString(b"\x42\x00").value)
    with pytest.raises(EncodeError, match=r"Value: expected one of its fields to be set"):
        ours.gojson("Parameter").encode(ours.type("Parameter")(value=value()))
