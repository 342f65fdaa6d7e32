"""Fields and oneofs are called in Go as protoc-gen-go calls them."""

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

from codegen.go_names import go_camel_case, go_names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # The cases of strs.TestGoCamelCase in google.golang.org/protobuf.
        ("", ""),
        ("one", "One"),
        ("one_two", "OneTwo"),
        ("_my_field_name_2", "XMyFieldName_2"),
        ("Something_Capped", "Something_Capped"),
        ("my_Name", "My_Name"),
        ("OneTwo", "OneTwo"),
        ("_", "X"),
        ("_a_", "XA_"),
        ("one__two", "One_Two"),
        ("a1b", "A1B"),
        ("field_0_name6", "Field_0Name6"),
    ],
)
def test_names_are_in_camel_case(name: str, expected: str) -> None:
    """Each word starts with a capital letter, and digits keep the underscore before them."""
    assert go_camel_case(name) == expected


def test_names_that_go_would_use_twice_get_an_underscore() -> None:
    """Getters and methods of messages count, as does the oneof after its first field."""
    message = DescriptorProto(name="A")
    message.oneof_decl.add(name="kind")
    for name, oneof in (("name", None), ("get_name", None), ("reset", None), ("kind", 0)):
        field = message.field.add(name=name, type=FieldDescriptorProto.TYPE_STRING)
        if oneof is not None:
            field.oneof_index = oneof
    found = go_names(message)
    assert found.fields == {
        "name": "Name",
        "get_name": "GetName_",
        "reset": "Reset_",
        "kind": "Kind",
    }
    assert found.oneofs == {"kind": "Kind_"}
