"""The changes of enums and their values."""

from collections.abc import Iterator

from codegen.compatibility.changes import Change
from codegen.compatibility.facts import EnumFacts, ValueFacts
from codegen.compatibility.removals import Members, removal_changes, reserved_changes


def enum_changes(title: str, old: EnumFacts, new: EnumFacts) -> Iterator[Change]:
    """Return the changes between an enum of the last release and the same enum now."""
    members = Members(
        title=title,
        old=old.values,
        new=new.values,
        old_reserved=old.reserved,
        reserved=new.reserved,
        place=new.place,
    )
    for before, now in members.common():
        yield from _value_changes(members, before, now)
    for before, now in members.renamed():
        yield Change(
            place=now.place,
            fact=f"enum value {title}.{before.name} is now called {now.name}",
            harm="programs that use the old name fail",
            instead=f"call it {before.name}, or add the new name as an alias with "
            "`option allow_alias = true;`",
        )
    yield from removal_changes(members, "enum value")
    for value in members.added():
        fact = f"enum value {title}.{value.name} was added with number {value.number}"
        yield Change(place=value.place, fact=fact)
    yield from reserved_changes(members)


def _value_changes(
    members: Members[ValueFacts], old: ValueFacts, new: ValueFacts
) -> Iterator[Change]:
    title = f"enum value {members.title}.{new.name}"
    if old.number != new.number:
        taken = [name for name, value in members.old.items() if value.number == new.number]
        yield Change(
            place=new.place,
            fact=f"{title} was {old.number} and is now {new.number}",
            harm=f"peers of the last release take it for {taken[0]}"
            if taken
            else "peers of the last release do not know it",
            instead=f"give it number {old.number} again",
        )
    if old.deprecated != new.deprecated:
        text = "now" if new.deprecated else "no longer"
        yield Change(place=new.place, fact=f"{title} is {text} deprecated")
