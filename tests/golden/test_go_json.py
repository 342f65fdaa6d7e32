"""The model of encoding/json writes what Go wrote."""

from collections.abc import Mapping

import pytest
from google.protobuf.message import Message

from tests.codegen.generated import Generated, generate_package
from tests.golden.cases import KINDS
from tests.golden.fixtures import (
    Golden,
    go_floats,
    written_classes,
    written_kinds,
    written_messages,
)
from tests.golden.go_json import go_json, go_number
from tests.golden.google import fields_of, google_classes


def _check(golden: Golden, classes: Mapping[str, type[Message]]) -> None:
    message = classes[golden.message].FromString(golden.protobuf)
    assert go_json(message, omitempty=True).encode() == golden.go
    # Go tells an empty list from none, and Google's classes do not.
    go_plain = golden.go_plain.replace(b":[]", b":null")
    assert go_json(message, omitempty=False).encode() == go_plain


@pytest.mark.parametrize("golden", written_messages(), ids=str)
def test_the_model_writes_the_contract_as_go_does(golden: Golden) -> None:
    """With `omitempty` and without, it writes the same bytes."""
    _check(golden, written_classes())


@pytest.mark.parametrize("golden", written_kinds(), ids=str)
def test_the_model_writes_other_kinds_as_go_does(golden: Golden) -> None:
    """It also knows kinds of fields that the contract does not have yet."""
    _check(golden, google_classes(*KINDS))


def test_the_model_writes_numbers_as_go_does() -> None:
    """Floats of both sizes have Go's digits, exponents and sign."""
    assert [
        (go_number(numbers.float32, single=True), go_number(numbers.float64, single=False))
        for numbers in go_floats()
    ] == [(numbers.text32, numbers.text64) for numbers in go_floats()]


def test_every_kind_has_golden_bytes() -> None:
    """The fixtures cover every field of every message."""
    classes = google_classes(*KINDS)
    covered = {
        (golden.message, field.number)
        for golden in written_kinds()
        for field, _ in classes[golden.message].FromString(golden.protobuf).ListFields()
    }
    assert covered == {
        (name, field.number) for name, cls in classes.items() for field in fields_of(cls)
    }, "run `python -m tests.golden.make_fixtures` (needs Go)"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """Return the package that is generated for these kinds."""
    return generate_package(*KINDS, tmp_path_factory.mktemp("kinds"))


@pytest.mark.parametrize("golden", written_kinds(), ids=str)
def test_generated_codecs_write_other_kinds_as_go_does(
    golden: Golden, generated: Generated
) -> None:
    """A field of a new kind needs nothing but `make codegen`."""
    message = generated.protobuf(golden.message).decode(golden.protobuf)
    codec = generated.gojson(golden.message)
    assert codec.encode(message) == golden.go
    assert [codec.decode(golden.go), codec.decode(golden.go_plain)] == [message, message]
