"""`--check` says which message, field or method differs from the generated code."""

import pytest

from codegen.code_differences import code_differences

WANTED = '''\
"""The messages."""

from dataclasses import dataclass


class Permission(ProtoEnum):
    """The right."""

    READ = 1
    """Queries."""
    MODIFY = 2


@dataclass
class Thing(Message):
    name: str = string_field(1)
    """Its name."""
    size: int = int(2)


def _read_thing(data: bytes) -> Thing:
    if data:
        return Thing()
    return Thing(name="")


ADD(Thing, x)
'''


def _edited(old: str, new: str) -> bytes:
    assert WANTED.count(old) == 1
    return WANTED.replace(old, new).encode()


EDITS = (
    ("READ = 1", "READ = 3", [(9, "Permission.READ is `READ = 3` and should be `READ = 1`")]),
    (
        "int(2)",
        "str(2)",
        [(18, "Thing.size is `size: int = str(2)` and should be `size: int = int(2)`")],
    ),
    ("    size: int = int(2)\n", "", [(15, "Thing.size is missing")]),
    ("    size: int", "    more: str = x(3)\n    size: int", [(18, "Thing.more is not generated")]),
    ('"""Its name."""', '"""A name."""', [(16, "the comment of Thing.name differs")]),
    ('"""The right."""', '"""A right."""', [(6, "the comment of Permission differs")]),
    ("    if data:\n", "    if not data:\n", [(21, "_read_thing differs from what is generated")]),
    (
        "class Thing(Message):",
        "class Thing:",
        [(15, "Thing is `dataclass` and should be `dataclass Message`")],
    ),
    ("import dataclass", "import field", [(3, "the imports differ from what is generated")]),
    (
        "ADD(Thing, x)",
        "ADD(Thing)",
        [
            (
                27,
                "the registration of Thing is `ADD(Thing)` and should be `ADD(Thing, x)`",
            )
        ],
    ),
    ('"""The messages."""', '"""Messages."""', [(1, "the comment of the module differs")]),
    ("READ = 1", "READ  = 1", [(9, "the layout or a comment differs")]),
    ("READ = 1", "READ = ", [(9, "the file is not Python")]),
)


@pytest.mark.parametrize(("old", "new", "found"), EDITS, ids=[new or old for old, new, _ in EDITS])
def test_a_difference_is_named(old: str, new: str, found: list[tuple[int, str]]) -> None:
    """There is a sentence for each, with the line in the file."""
    assert code_differences(_edited(old, new), WANTED) == found


def test_equal_files_do_not_differ() -> None:
    """Nothing is reported."""
    assert code_differences(WANTED.encode(), WANTED) == []


def test_a_class_is_missing_as_a_whole() -> None:
    """Its members are not listed as well."""
    found, _, _ = WANTED.partition("@dataclass")
    named = [sentence for _, sentence in code_differences(found.encode(), WANTED)]
    assert named == [
        "Thing is missing",
        "_read_thing is missing",
        "the registration of Thing is missing",
    ]


def test_a_removed_line_at_the_end_is_a_difference() -> None:
    """A file that is shorter than the generated one differs after its last line."""
    assert code_differences(WANTED.rstrip("\n").encode(), WANTED) == [
        (27, "the layout or a comment differs")
    ]


def test_bytes_that_are_no_text_are_not_python() -> None:
    """A file in no encoding is reported like any other broken file."""
    assert code_differences(b"\xff\x00", WANTED) == [(1, "the file is not Python")]


def test_a_long_list_is_cut() -> None:
    """After twenty differences the rest are counted."""
    ours, theirs = ("".join(f"X{i} = {n}\n" for i in range(50)) for n in (1, 2))
    found = code_differences(ours.encode(), theirs)
    assert len(found) == 21
    assert found[-1] == (21, "30 more differ")
