"""The guard names every change of a contract, and knows which of them break peers or callers."""

import pytest

from codegen.compatibility.comparison import compare
from codegen.compatibility.description import describe
from tests.codegen.compatibility.contract_edits import BREAKING, COMPATIBLE, Edit
from tests.codegen.compatibility.lab import LAB, changes_to, compiled, edited


def _name(edit: Edit) -> str:
    return " + ".join(edit.facts) or edit.edits[-1][1]


def test_the_list_is_long() -> None:
    """At least forty changes are checked, and twenty of them break something."""
    assert len(BREAKING) >= 20
    assert len(BREAKING) + len(COMPATIBLE) >= 40


def test_an_unchanged_contract_has_no_changes() -> None:
    """A contract is compatible with itself."""
    assert changes_to(LAB) == []


@pytest.mark.parametrize("edit", BREAKING, ids=_name)
def test_a_breaking_change_is_named(edit: Edit) -> None:
    """Each sentence has what was, what is, whom it breaks and what to do, and no other is there."""
    text = edited(LAB, *edit.edits)
    found = [change for change in changes_to(text) if change.is_breaking]
    assert sorted(change.fact for change in found) == sorted(edit.facts)
    for change in found:
        assert edit.harm in change.harm
        assert change.instead
        assert str(change).startswith(f"lab.proto:{change.place.line}: {change.fact}, so ")


@pytest.mark.parametrize("edit", COMPATIBLE, ids=_name)
def test_a_compatible_change_is_listed(edit: Edit) -> None:
    """It is one line, which does not say that it breaks anything."""
    found = changes_to(edited(LAB, *edit.edits))
    assert sorted(change.fact for change in found) == sorted(edit.facts)
    assert [change for change in found if change.is_breaking] == []
    assert all("\n" not in str(change) for change in found)


def test_a_sentence_has_the_line_in_the_proto() -> None:
    """The line is that of the construct, or of what encloses it if it was removed."""
    text = edited(LAB, ("int32 count = 2", "bool count = 2"), ("  COLOUR_BLUE = 2;\n", ""))
    lines = text.splitlines()
    assert [lines[change.place.line - 1] for change in changes_to(text)] == [
        "enum Colour {",
        "  bool count = 2;",
    ]


def test_the_whole_sentence() -> None:
    """It reads as one sentence."""
    (change,) = changes_to(edited(LAB, ("RED = 1", "RED = 5")))
    assert str(change) == (
        "lab.proto:7: enum value Colour.COLOUR_RED was 1 and is now 5, so peers of the last "
        "release do not know it; give it number 1 again"
    )


def test_removing_an_alias_does_not_free_its_number() -> None:
    """The number still has a name, so only the name of the alias has to be reserved."""
    enum = "syntax = 'proto3'; enum E { NO = 0; A = 1; %s }"
    old = describe(compiled(enum % "option allow_alias = true; B = 1;"))
    facts = [change.fact for change in compare(old, describe(compiled(enum % "")))]
    assert facts == ['enum value E.B was removed without `reserved "B";`']
    new = describe(compiled(enum % 'reserved "B";'))
    assert [change.is_breaking for change in compare(old, new)] == [False]


def test_a_changed_package_is_one_change() -> None:
    """The types in it are compared under their new names."""
    text = edited(LAB, ("package lab.v1", "package lab"), ("int32 count", "bool count"))
    assert [change.fact for change in changes_to(text)] == [
        "the package was lab.v1 and is now lab",
        "field Thing.count was int32 and is now bool",
    ]


def test_a_package_that_is_added_is_a_change() -> None:
    """A contract without a package changes its paths as well."""
    old = describe(compiled(edited(LAB, ("package lab.v1;\n", ""))))
    (change,) = compare(old, describe(compiled(LAB)))
    assert change.fact == "the package was none and is now lab.v1"


SHARED = 'syntax = "proto3"; package shared; message Unit { string name = 1; }'
USER = """\
syntax = "proto3";
package user;
import "shared.proto";
import "google/protobuf/timestamp.proto";
message Measure {
  shared.Unit unit = 1;
  google.protobuf.Timestamp at = 2;
}
"""
NAMES = ("shared.proto", "user.proto")


def test_imported_files_are_compared() -> None:
    """A change in an imported file is named with that file; Google's own are left out."""
    old = describe(compiled(SHARED, USER, names=NAMES))
    assert list(old.files) == ["shared.proto", "user.proto"]
    changed = edited(SHARED, ("string name", "bytes name"))
    (change,) = compare(old, describe(compiled(changed, USER, names=NAMES)))
    assert str(change).startswith("shared.proto:1: field Unit.name was string and is now bytes")


def test_a_type_may_move_to_another_file_of_its_package() -> None:
    """Neither a peer nor a caller sees the file."""
    old = compiled(edited(SHARED, ("shared;", "user;")), USER.replace("shared.U", "U"), names=NAMES)
    text = USER.replace("shared.U", "U").replace('import "shared.proto";\n', "")
    new = compiled(f"{text}message Unit {{ string name = 1; }}", names=("user.proto",))
    assert compare(describe(old), describe(new)) == []


def test_types_of_the_same_name_are_told_apart() -> None:
    """If the short names are equal, the sentence has the full ones."""
    one = "syntax = 'proto3'; package a; message U {}"
    two = "syntax = 'proto3'; package b; message U {}"
    user = (
        "syntax = 'proto3'; package c; import 'a.proto'; import 'b.proto';"
        "message M { optional %s.U u = 1; }"
    )
    names = ("a.proto", "b.proto", "c.proto")
    (change,) = compare(
        describe(compiled(one, two, user % "a", names=names)),
        describe(compiled(one, two, user % "b", names=names)),
    )
    assert change.fact == "field M.u was optional a.U and is now optional b.U"


def test_a_type_that_moves_to_another_package_is_renamed() -> None:
    """Its full name is part of the contract, and the sentence has it."""
    inner = "syntax = 'proto3'; package inner; import 'a.proto'; message M { outer.U u = 1; }"
    outer = "syntax = 'proto3'; package outer; message U { bool on = 1; }"
    moved = "syntax = 'proto3'; package inner; message U { bool on = 1; } message M { U u = 1; }"
    old = describe(compiled(outer, inner, names=("a.proto", "b.proto")))
    (change,) = compare(old, describe(compiled(moved, names=("b.proto",))))
    assert change.fact == "message outer.U is now called inner.U"
    assert change.is_breaking


def test_a_name_of_another_kind_is_another_thing() -> None:
    """A message that became an enum was removed, and the enum is new."""
    text = edited(LAB, ("message Tool {\n  int64 price = 1;\n}", "enum Tool { TOOL_NONE = 0; }"))
    assert [(change.fact, change.is_breaking) for change in changes_to(text)] == [
        ("message Tool was removed", True),
        ("enum Tool was added", False),
    ]


def test_several_changes_of_one_field_are_named_each() -> None:
    """A field that was renamed, retyped and moved is described completely."""
    text = edited(LAB, ("int32 count = 2;", "string amount = 2;"))
    assert [change.fact for change in changes_to(text)] == [
        "field Thing.count is now called amount",
        "field Thing.amount was int32 and is now string",
    ]


def test_a_large_contract_is_compared() -> None:
    """Thousands of messages, and messages within messages, are no obstacle."""
    depth = 30
    text = 'syntax = "proto3";'
    text += "".join(f"message M{i} {{ M{i} again = 1; }}" for i in range(3000))
    text += "message D {" * depth + "}" * depth
    facts = describe(compiled(text))
    assert len(facts.messages) == 3000 + depth
    assert compare(facts, facts) == []
