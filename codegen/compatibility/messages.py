"""The changes of messages and their fields."""

from collections.abc import Iterator

from codegen.compatibility.changes import Change, Contracts
from codegen.compatibility.facts import FieldFacts, MessageFacts
from codegen.compatibility.removals import Members, removal_changes, reserved_changes
from codegen.compatibility.types import label_harm, type_harm

_ADD_ANOTHER = "keep it, and add a field with a new name and number"


def message_changes(
    contracts: Contracts, title: str, old: MessageFacts, new: MessageFacts
) -> Iterator[Change]:
    """Return the changes between a message of the last release and the same message now."""
    members = Members(
        title=title,
        old=old.fields,
        new=new.fields,
        old_reserved=old.reserved,
        reserved=new.reserved,
        place=new.place,
    )
    for before, now in members.common():
        yield from _number_changes(members, before, now)
        yield from _field_changes(contracts, f"{title}.{now.name}", before, now)
        yield from _json_name_changes(f"{title}.{now.name}", before, now)
    for before, now in members.renamed():
        yield Change(
            place=now.place,
            fact=f"field {title}.{before.name} is now called {now.name}",
            harm="JSON peers of the last release ignore it under its new name, and programs that "
            "use the old one fail",
            instead=f"call it {before.name}",
        )
        yield from _field_changes(contracts, f"{title}.{now.name}", before, now)
    yield from removal_changes(members, "field")
    for field in members.added():
        text = f"field {title}.{field.name} was added, {contracts.new.title(field)}"
        yield Change(place=field.place, fact=f"{text} with number {field.number}")
    yield from reserved_changes(members)


def _number_changes(
    members: Members[FieldFacts], old: FieldFacts, new: FieldFacts
) -> Iterator[Change]:
    if old.number == new.number:
        return
    successor = members.taker(old.number)
    yield Change(
        place=new.place,
        fact=f"field {members.title}.{new.name} had number {old.number} and now has {new.number}",
        harm=f"protobuf peers of the last release take {successor.name} for it"
        if successor
        else "protobuf peers of the last release do not find it",
        instead=f"give it number {old.number} again",
    )


def _field_changes(
    contracts: Contracts, title: str, old: FieldFacts, new: FieldFacts
) -> Iterator[Change]:
    if old.oneof != new.oneof:
        yield _oneof_change(title, old, new)
    yield from _type_changes(contracts, title, old, new)
    if old.packed != new.packed and old.label is new.label and contracts.same_type(old, new):
        text = "packed" if new.packed else "one by one"
        yield Change(
            place=new.place, fact=f"field {title} is now written {text}; both forms are read"
        )
    if old.deprecated != new.deprecated:
        text = "now" if new.deprecated else "no longer"
        yield Change(place=new.place, fact=f"field {title} is {text} deprecated")


def _type_changes(
    contracts: Contracts, title: str, old: FieldFacts, new: FieldFacts
) -> Iterator[Change]:
    same_type = contracts.same_type(old, new)
    # What a oneof does to the absence of its members is part of that change.
    same_label = old.label is new.label or (same_type and old.oneof != new.oneof)
    if same_type and same_label:
        return
    before, now = contracts.titles(old, new)
    harm = "" if same_label else label_harm(old, new)
    if not harm and not same_type:
        harm = type_harm(old, new)
    yield Change(
        place=new.place,
        fact=f"field {title} was {before} and is now {now}",
        harm=harm,
        instead=_ADD_ANOTHER if harm else "",
    )


def _oneof_change(title: str, old: FieldFacts, new: FieldFacts) -> Change:
    before = f"in oneof {old.oneof}" if old.oneof else "in no oneof"
    now = f"in oneof {new.oneof}" if new.oneof else "in none"
    callers = (
        "ask which member is set fail"
        if old.oneof and new.oneof
        else "use it fail, because setting a member of a oneof clears the others"
    )
    return Change(
        place=new.place,
        fact=f"field {title} was {before} and is now {now}",
        harm="JSON peers of the last release do not find it, because Go writes a member of a oneof "
        f"under the name of the oneof, and programs that {callers}",
        instead=_ADD_ANOTHER,
    )


def _json_name_changes(title: str, old: FieldFacts, new: FieldFacts) -> Iterator[Change]:
    if old.json_name != new.json_name:
        yield Change(
            place=new.place,
            fact=f'field {title} had json_name "{old.json_name}" and now has "{new.json_name}"',
            harm="peers that use protobuf's own JSON do not find it",
            instead=f'give it json_name "{old.json_name}" again',
        )
