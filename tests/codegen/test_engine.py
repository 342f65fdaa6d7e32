"""A proto like a real engine's, with every construct of proto3, needs no edit and loses nothing."""

import copy
import dataclasses
import math
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import betterproto
import pytest
from google.protobuf.message import DecodeError as GoogleDecodeError

from mirastack_sdk.errors import DecodeError, EncodeError
from tests.codegen.generated import engine, generate_text
from tests.golden.google import ENGINE, REPOSITORY, differences, google_classes
from tests.golden.samples import random_message
from tests.typing.strict import mypy_strict, pyright_strict
from tests.wire.codec.fuzz.mutations import mutate_protobuf, seeded

CLASSES = google_classes(*ENGINE)
NAMES = sorted(CLASSES)
SAMPLES = 20
MUTATED = 100
USAGE = REPOSITORY / "tests" / "typing" / "engine_usage.py"


def test_it_is_as_large_as_a_real_one() -> None:
    """There are sixty messages in its package alone."""
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_google_and_we_write_and_read_the_same(name: str) -> None:
    """We read what Google's classes write, and they read what we write."""
    codec = engine().protobuf(name)
    generator = seeded(1)
    for _ in range(SAMPLES):
        sample = random_message(generator, CLASSES[name])
        ours = codec.decode(sample.SerializeToString(deterministic=True))
        assert differences(ours, sample) == []
        assert differences(ours, CLASSES[name].FromString(codec.encode(ours))) == []
        assert codec.decode(codec.encode(ours)) == ours


@pytest.mark.parametrize("name", NAMES)
def test_google_and_we_read_the_same_in_mutated_protobuf(name: str) -> None:
    """We reject what Google's classes reject and times that are invalid; the rest is the same."""
    codec = engine().protobuf(name)
    generator = seeded(2)
    for _ in range(MUTATED):
        seed, other = (random_message(generator, CLASSES[name], 2) for _ in range(2))
        data = mutate_protobuf(generator, seed.SerializeToString(), other.SerializeToString())
        try:
            theirs = CLASSES[name].FromString(data)
        except GoogleDecodeError:
            with pytest.raises(DecodeError):
                codec.decode(data)
            continue
        try:
            ours = codec.decode(data)
        except DecodeError as error:
            assert "a Timestamp" in str(error) or "a Duration" in str(error)  # noqa: PT017 - others fail
            continue
        assert differences(ours, theirs) == [], data.hex()
        # Google's classes keep unknown fields, too.
        assert codec.decode(theirs.SerializeToString()) == codec.decode(codec.encode(ours))


@pytest.mark.parametrize("name", NAMES)
def test_every_message_copies_and_compares(name: str) -> None:
    """A message of any fields can be copied, pickled, displayed and compared."""
    generator = seeded(3)
    for _ in range(SAMPLES):
        sample = random_message(generator, CLASSES[name], 2)
        ours = engine().protobuf(name).decode(sample.SerializeToString() + b"\xfa\x7f\x01a")
        for twin in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):  # noqa: S301 - our own bytes
            assert twin == ours
            assert repr(twin) == repr(ours)
            assert bytes(twin) == bytes(ours)
        values = [value for _, value in sample.ListFields()]
        # Betterproto takes -0.0 for zero.
        assert bool(ours) == bool(values) or "-0.0" in map(repr, values)
        assert set(ours.to_dict()) <= set(ours.to_dict(include_default_values=True))
        assert set(ours.to_pydict()) <= set(ours.to_pydict(include_default_values=True))


def test_the_type_checkers_pass_the_package_and_find_mistakes_in_its_use(tmp_path: Path) -> None:
    """Both checkers are silent about the code, and report exactly the marked lines of its use."""
    usage = engine().folder / USAGE.name
    usage.write_text(USAGE.read_text(encoding="utf-8"), encoding="utf-8")
    lines = usage.read_text(encoding="utf-8").splitlines()
    wrong = [(USAGE.name, number) for number, line in enumerate(lines, 1) if "# error" in line]
    deprecated = [(USAGE.name, number) for number, line in enumerate(lines, 1) if "# old" in line]
    found = mypy_strict(engine().folder)
    assert [(finding.file, finding.line) for finding in found] == wrong
    assert pyright_strict(engine().folder, folder=tmp_path) == sorted(wrong + deprecated)
    assert len(wrong) > 20


def test_the_fields_of_a_oneof_exclude_each_other() -> None:
    """Setting one removes the others, which are None then."""
    parameter = engine().type("Parameter")(count=3)
    assert betterproto.which_one_of(parameter, "fallback") == ("count", 3)
    assert betterproto.which_one_of(parameter, "kind") == ("", None)
    parameter.raw = b""
    assert betterproto.which_one_of(parameter, "fallback") == ("raw", b"")
    assert parameter.is_set("raw")
    assert not parameter.is_set("count")
    assert (parameter.raw, parameter.count) == (b"", None)
    parameter.count = None
    assert betterproto.which_one_of(parameter, "fallback") == ("", None)
    assert bytes(parameter) == b""
    parameter.ratio = 0.0
    assert bytes(dataclasses.replace(parameter, name="n")) == b"\x0a\x01n" + bytes(parameter)


def test_a_oneof_takes_one_field_at_the_start() -> None:
    """Two fields of a oneof in one call are a mistake."""
    with pytest.raises(TypeError, match="fallback can have one field, got count and raw"):
        engine().type("Parameter")(count=1, raw=b"")


def test_a_oneof_can_be_matched() -> None:
    """`match` finds the field that is set, even if its value is zero."""
    parameter = engine().type("Parameter")
    found: list[tuple[str, object]] = []
    for message in (parameter(ratio=0.0), parameter(raw=b"a"), parameter()):
        match message:
            case parameter(raw=bytes(value)):
                found.append(("raw", value))
            case parameter(ratio=float(value)):
                found.append(("ratio", value))
            case _:
                found.append(("nothing", None))
    assert found == [("ratio", 0.0), ("raw", b"a"), ("nothing", None)]


def test_the_last_field_of_a_oneof_counts() -> None:
    """As in Google's parser, a later field replaces another, and adds to the same message."""
    ours = engine()
    text, number = ours.type("TextKind"), ours.type("NumberKind")
    parameter = ours.type("Parameter")
    first, second = parameter(text=text(longest=1)), parameter(text=text(pattern="p"))
    both = parameter.FromString(bytes(first) + bytes(second))
    assert both.text == text(longest=1, pattern="p")
    other = parameter.FromString(bytes(first) + bytes(parameter(number=number(step=1.0))))
    assert betterproto.which_one_of(other, "kind") == ("number", number(step=1.0))


@pytest.mark.parametrize(
    "time",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2020, 1, 1, 12, tzinfo=timezone(timedelta(hours=5))),
    ],
)
def test_times_are_datetimes(time: datetime) -> None:
    """A Timestamp is read as a datetime in UTC, to the microsecond."""
    agent = engine().type("Agent")
    assert agent.FromString(bytes(agent(registered_at=time))).registered_at == time
    assert agent.FromString(b"").registered_at is None
    assert agent.FromString(b"\x2a\x00").registered_at == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"registered_at": datetime(2020, 1, 1)}, "expected a datetime with a time zone"),  # noqa: DTZ001 - wrong on purpose
        ({"registered_at": 5}, "Agent.registered_at: expected datetime, got int"),
        ({"seen_at": {"a": None}}, "Agent.seen_at: expected datetime, got NoneType"),
    ],
)
def test_values_that_are_no_times_are_refused(fields: dict[str, object], reason: str) -> None:
    """A time without a zone could be any, so it is an error that names the field."""
    for codec in (engine().protobuf("Agent"), engine().gojson("Agent")):
        with pytest.raises(EncodeError, match=reason):
            codec.encode(engine().type("Agent")(**fields))


@pytest.mark.parametrize("value", [0, 1, -5, 2**63 - 1])
def test_wrapped_values_are_optional(value: int) -> None:
    """A wrapper that is absent is None, and an empty one is zero."""
    limits = engine().type("Limits")
    assert limits.FromString(bytes(limits(bytes_=value))).bytes_ == value
    assert limits.FromString(b"").bytes_ is None
    assert limits.FromString(b"\x1a\x00").bytes_ == 0


def test_unknown_fields_are_written_back() -> None:
    """What a newer peer sent passes through, in every message and with entries of maps."""
    ours = engine()
    unknown = b"\xfa\x7f\x03abc"
    run = ours.type("Run").FromString(b"\x0a\x06" + unknown + unknown)
    assert (run.unknown_fields, run.id.unknown_fields) == (unknown, unknown)
    assert bytes(run) == b"\x0a\x06" + unknown + unknown
    entry = b"\x0a\x01a\x12\x01b\x18\x05"
    header = ours.type("UploadHeader").FromString(b"\x1a" + bytes([len(entry)]) + entry)
    assert header.metadata == {}
    assert bytes(header) == b"\x1a" + bytes([len(entry)]) + entry


def test_not_a_number_equals_itself() -> None:
    """A message is equal to its copy, as in betterproto."""
    kind = engine().type("NumberKind")
    assert kind(lowest=math.nan) == kind(lowest=math.nan)
    assert kind(lowest=math.nan) != kind(lowest=1.0)
    assert kind(lowest=math.nan) != kind(highest=math.nan)


def test_messages_work_when_they_are_imported_alone() -> None:
    """Nothing but the messages must be imported before they are written."""
    folder = engine().folder
    program = f"from {folder.name}.messages import Stop; print(bytes(Stop()))"
    alone = "from mirastack_sdk._gen.messages import CacheGetRequest as C; print(bytes(C(key='a')))"
    for text, expected in ((program, "b''"), (alone, "b'\\n\\x01a'")):
        output = subprocess.run(
            [sys.executable, "-c", text],
            cwd=folder.parent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert output.strip() == expected


def test_three_thousand_fields_in_a_message(tmp_path: Path) -> None:
    """The number of fields is not limited, nor is the highest number."""
    fields = "".join(f"  int32 f{number} = {number};\n" for number in range(1, 3000))
    text = f'syntax = "proto3";\nmessage Wide {{\n{fields}  string last = 536870911;\n}}\n'
    generated = generate_text(text, tmp_path)
    message = generated.type("Wide")(f1=1, f1500=-1, f2999=2, last="z")
    for codec in (generated.protobuf("Wide"), generated.gojson("Wide")):
        assert codec.decode(codec.encode(message)) == message
    assert bytes(message).endswith(b"\xfa\xff\xff\xff\x0f\x01z")
