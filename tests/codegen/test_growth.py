"""An addition to the contract's proto needs nothing but `make codegen`."""

import shutil
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from codegen.compatibility.guard import judge
from codegen.protoc import compile_proto
from tests.codegen.generated import Generated, Loopback, generate_package
from tests.golden.google import CONTRACT, differences, google_classes
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import seeded

# The contract may have grown by itself, so neither numbers nor names of it are taken.
FILE = compile_proto(*CONTRACT)
FIRST = max(
    field.number
    for message in FILE.message_type
    if message.name == "ExecuteRequest"
    for field in message.field
)
VALUE = max(
    value.number for enum in FILE.enum_type if enum.name == "Permission" for value in enum.value
)
ADDITIONS = (
    (
        "message ExecuteRequest {\n",
        f"""\
  // Which attempt this is.
  int64 grown_attempt = {FIRST + 1};
  optional string grown_note = {FIRST + 2};
  map<string, TimeRange> grown_ranges = {FIRST + 3};
  uint32 grown_size = {FIRST + 4};
  optional TimeRange grown_range = {FIRST + 5};
""",
    ),
    ("enum Permission {\n  PERMISSION_UNSPECIFIED = 0;\n", f"  PERMISSION_GROWN = {VALUE + 1};\n"),
    (
        "service PluginService {\n",
        "  // Pauses.\n  rpc GrownPause(GrownPauseRequest) returns (GrownPauseResponse);\n",
    ),
    (
        "message InfoRequest {}\n",
        "message GrownPauseRequest {\n  repeated string reasons = 1;\n}\n",
    ),
    (
        "message InfoRequest {}\n",
        "message GrownPauseResponse {\n  optional TimeRange until = 1;\n}\n",
    ),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a copy of the proto, with additions."""
    root = tmp_path_factory.mktemp("grown")
    path = root / CONTRACT[1]
    shutil.copytree(CONTRACT[0] / CONTRACT[1].parent, path.parent)
    text = path.read_text(encoding="utf-8")
    for place, addition in ADDITIONS:
        assert text.count(place) == 1
        text = text.replace(place, place + addition)
    path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def grown(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Return the package generated from it."""
    return generate_package(root, CONTRACT[1], tmp_path_factory.mktemp("package"))


def test_additions_break_nobody(root: Path) -> None:
    """The guard lists each of them and objects to none."""
    descriptors = FileDescriptorSet(file=[compile_proto(root, CONTRACT[1])])
    verdict = judge(root, CONTRACT[1], descriptors)
    assert verdict.errors(allowed=False) == []
    field = "field ExecuteRequest.grown"
    facts = [change.fact for change in verdict.compatible if "grown" in change.fact.lower()]
    assert facts == [
        f"enum value Permission.PERMISSION_GROWN was added with number {VALUE + 1}",
        "message GrownPauseResponse was added",
        "message GrownPauseRequest was added",
        f"{field}_attempt was added, int64 with number {FIRST + 1}",
        f"{field}_note was added, optional string with number {FIRST + 2}",
        f"{field}_ranges was added, map<string, TimeRange> with number {FIRST + 3}",
        f"{field}_size was added, uint32 with number {FIRST + 4}",
        f"{field}_range was added, optional TimeRange with number {FIRST + 5}",
        "rpc PluginService.GrownPause was added",
    ]


def test_a_field_is_in_the_message_and_both_codecs(grown: Generated) -> None:
    """It has its type, default and comment, and is written and read."""
    assert grown.type("ExecuteRequest")().grown_attempt == 0
    message = grown.type("ExecuteRequest")(grown_attempt=2**53 + 1)
    data = grown.protobuf("ExecuteRequest").encode(message)
    assert data.hex().endswith("8180808080808010")
    assert grown.gojson("ExecuteRequest").encode(message) == b'{"grown_attempt":9007199254740993}'
    _check_both_codecs(grown, message)


FIELDS = (
    ("grown_note", None, "", '""'),
    ("grown_note", None, "é", '"é"'),
    ("grown_size", 0, 2**32 - 1, "4294967295"),
)


@pytest.mark.parametrize(("name", "default", "value", "text"), FIELDS)
def test_a_field_of_another_kind_is_written_and_read(
    name: str, default: object, value: object, text: str, grown: Generated
) -> None:
    """A kind of field that the contract did not have before needs no other step."""
    assert getattr(grown.type("ExecuteRequest")(), name) == default
    message = grown.type("ExecuteRequest")(**{name: value})
    data = grown.gojson("ExecuteRequest").encode(message)
    assert data == f'{{"{name}":{text}}}'.encode()
    _check_both_codecs(grown, message)


def test_a_map_of_messages_is_written_and_read(grown: Generated) -> None:
    """Its messages are those of the contract."""
    time_range = grown.type("TimeRange")(end_epoch_ms=5)
    request = grown.type("ExecuteRequest")
    assert request().grown_ranges == {}
    message = request(grown_ranges={"b": time_range, "a": grown.type("TimeRange")()})
    data = b'{"grown_ranges":{"a":{},"b":{"end_epoch_ms":5}}}'
    assert grown.gojson("ExecuteRequest").encode(message) == data
    _check_both_codecs(grown, message)
    assert request().grown_range is None
    _check_both_codecs(grown, request(grown_range=time_range))


def _check_both_codecs(grown: Generated, message: object) -> None:
    for codec in (grown.protobuf("ExecuteRequest"), grown.gojson("ExecuteRequest")):
        assert codec.decode(codec.encode(message)) == message


def test_an_enum_value_is_a_member(grown: Generated) -> None:
    """It has a name and is no longer an unknown number."""
    assert grown.type("Permission").GROWN == VALUE + 1
    data = f'{{"permission":{VALUE + 1}}}'.encode()
    assert grown.gojson("ActionDef").decode(data).permission.is_known


async def test_a_method_is_served_and_called(grown: Generated) -> None:
    """The base has a method to implement, the stub a method to call."""
    request = grown.type("GrownPauseRequest")
    reply = grown.type("GrownPauseResponse")
    time_range = grown.type("TimeRange")

    async def grown_pause(_: object, given: object) -> object:
        assert given == request(reasons=["maintenance"])
        return reply(until=time_range(end_epoch_ms=5))

    service = type("Service", (grown.services.PluginServiceBase,), {"grown_pause": grown_pause})
    stub = grown.services.PluginServiceStub(Loopback(service()))
    answer = await stub.grown_pause(request(reasons=["maintenance"]))
    assert answer == reply(until=time_range(end_epoch_ms=5))


def test_everything_else_is_still_there(grown: Generated, root: Path) -> None:
    """Every message is still written and read as in Google's classes."""
    generator = seeded(20)
    for name, cls in google_classes(root, CONTRACT[1]).items():
        sample = random_message(generator, cls)
        assert differences(grown.protobuf(name).decode(sample.SerializeToString()), sample) == []
