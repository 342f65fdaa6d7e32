"""An addition to the contract's proto needs nothing but `make codegen`."""

from pathlib import Path

import pytest

from tests.codegen.generated import Generated, Loopback, generate_package
from tests.golden.google import CONTRACT, differences, google_classes
from tests.golden.samples import random_message
from tests.wire.codec.fuzz.mutations import seeded

ADDITIONS = (
    ("  string workflow_id = 9;\n", "  // Which attempt this is.\n  int64 attempt = 10;\n"),
    ("  PERMISSION_WRITE = 4;\n", "  // Looks at secrets.\n  PERMISSION_INSPECT = 5;\n"),
    (
        "// The service of an agent, which the engine calls.\nservice PluginService {\n",
        "  // Pauses an execution.\n  rpc PauseAll(PauseAllRequest) returns (PauseAllResponse);\n",
    ),
    ("message InfoRequest {}\n", "message PauseAllRequest {\n  repeated string reasons = 1;\n}\n"),
    (
        "message InfoRequest {}\n",
        "message PauseAllResponse {\n  optional TimeRange until = 1;\n}\n",
    ),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a copy of the proto, with additions."""
    root = tmp_path_factory.mktemp("grown")
    text = (CONTRACT[0] / CONTRACT[1]).read_text(encoding="utf-8")
    for place, addition in ADDITIONS:
        assert place in text
        text = text.replace(place, place + addition)
    path = root / CONTRACT[1]
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def grown(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Return the package generated from it."""
    return generate_package(root, CONTRACT[1], tmp_path_factory.mktemp("package"))


def test_a_field_is_in_the_message_and_both_codecs(grown: Generated) -> None:
    """It has its type, default and comment, and is written and read."""
    assert grown.type("ExecuteRequest")().attempt == 0
    message = grown.type("ExecuteRequest")(attempt=2**53 + 1)
    assert grown.protobuf("ExecuteRequest").encode(message).hex() == "5081808080808080" + "10"
    assert grown.gojson("ExecuteRequest").encode(message) == b'{"attempt":9007199254740993}'
    for codec in (grown.protobuf("ExecuteRequest"), grown.gojson("ExecuteRequest")):
        assert codec.decode(codec.encode(message)) == message


def test_an_enum_value_is_a_member(grown: Generated) -> None:
    """It has a name and is no longer an unknown number."""
    assert grown.type("Permission").INSPECT == 5
    assert grown.gojson("ActionDef").decode(b'{"permission":5}').permission.is_known


async def test_a_method_is_served_and_called(grown: Generated) -> None:
    """The base has a method to implement, the stub a method to call."""
    request = grown.type("PauseAllRequest")
    reply = grown.type("PauseAllResponse")
    time_range = grown.type("TimeRange")

    async def pause_all(_: object, given: object) -> object:
        assert given == request(reasons=["maintenance"])
        return reply(until=time_range(end_epoch_ms=5))

    service = type("Service", (grown.services.PluginServiceBase,), {"pause_all": pause_all})
    stub = grown.services.PluginServiceStub(Loopback(service()))
    answer = await stub.pause_all(request(reasons=["maintenance"]))
    assert answer == reply(until=time_range(end_epoch_ms=5))


def test_everything_else_is_still_there(grown: Generated, root: Path) -> None:
    """Every message is still written and read as in Google's classes."""
    generator = seeded(20)
    for name, cls in google_classes(root, CONTRACT[1]).items():
        sample = random_message(generator, cls)
        assert differences(grown.protobuf(name).decode(sample.SerializeToString()), sample) == []
