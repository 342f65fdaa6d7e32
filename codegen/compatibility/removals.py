"""The removal of fields and enum values, and what is reserved in their place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from codegen.compatibility.changes import Change
from codegen.compatibility.facts import Place, Reserved


class Numbered(Protocol):
    """A field or an enum value."""

    @property
    def name(self) -> str: ...
    @property
    def number(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Members[Member: Numbered]:
    """The fields of a message or the values of an enum, before and now."""

    title: str
    old: Mapping[str, Member]
    new: Mapping[str, Member]
    old_reserved: Reserved
    reserved: Reserved
    place: Place

    def common(self) -> list[tuple[Member, Member]]:
        """Return the members whose names still exist."""
        return [(member, self.new[name]) for name, member in self.old.items() if name in self.new]

    def renamed(self) -> list[tuple[Member, Member]]:
        """Return the members whose numbers now have names that are new."""
        candidates = {
            member.number: member for name, member in self.new.items() if name not in self.old
        }
        return [
            (member, candidates[member.number])
            for name, member in self.old.items()
            if name not in self.new and member.number in candidates
        ]

    def removed(self) -> list[Member]:
        """Return the members of which neither the name nor, under a new name, the number exists."""
        renamed = {member.name for member, _ in self.renamed()}
        return [
            member
            for name, member in self.old.items()
            if name not in self.new and name not in renamed
        ]

    def added(self) -> list[Member]:
        """Return the members that are new."""
        renamed = {member.name for _, member in self.renamed()}
        return [
            member
            for name, member in self.new.items()
            if name not in self.old and name not in renamed
        ]

    def taker(self, number: int) -> Member | None:
        """Return the member that has a number now and did not have it before."""
        return next(
            (
                member
                for name, member in self.new.items()
                if member.number == number
                and (name not in self.old or self.old[name].number != number)
            ),
            None,
        )

    def missing_statements(self, removed: Member) -> str:
        """Return the statements that would reserve what a removed member has left."""
        statements = []
        is_alias = any(member.number == removed.number for member in self.new.values())
        if not is_alias and not self.reserved.has_number(removed.number):
            statements.append(f"reserved {removed.number};")
        if removed.name not in self.reserved.names:
            statements.append(f'reserved "{removed.name}";')
        return " ".join(statements)


def removal_changes[Member: Numbered](members: Members[Member], kind: str) -> Iterator[Change]:
    """Return the changes of removed members; `kind` says what they are."""
    for member in members.removed():
        fact = f"{kind} {members.title}.{member.name} was removed"
        successor = members.taker(member.number)
        missing = members.missing_statements(member)
        if successor is not None:
            yield Change(
                place=members.place,
                fact=f"{fact} and its number {member.number} given to {successor.name}",
                harm=f"peers of the last release take {successor.name} for {member.name}",
                instead=f"restore the numbers, and reserve number {member.number} and the name "
                f'"{member.name}"',
            )
        elif missing:
            yield Change(
                place=members.place,
                fact=f"{fact} without `{missing}`",
                harm="programs that use it fail, and peers of the last release misread whatever "
                "takes its place later",
                instead="keep it as deprecated, or add that",
            )
        else:
            yield Change(place=members.place, fact=f"{fact}, and what it had is reserved")


def reserved_changes[Member: Numbered](members: Members[Member]) -> Iterator[Change]:
    """Return the changes of what is reserved, apart from the members that were removed."""
    old, new = members.old_reserved, members.reserved
    for item in _without(old, new):
        user = _user(members, item)
        yield Change(
            place=members.place,
            fact=f"{members.title} reserved {_text(item)} and "
            + (f"now uses it for {user}" if user else "no longer does"),
            harm="peers of older releases give it its old meaning",
            instead=f"reserve {_text(item)} again"
            + (f", and give {user} another number and name" if user else ""),
        )
    removed = members.removed()
    known = Reserved(
        names=old.names | {member.name for member in removed},
        ranges=(*old.ranges, *((member.number, member.number) for member in removed)),
    )
    for item in _without(new, known):
        yield Change(place=members.place, fact=f"{members.title} now reserves {_text(item)}")


type _Item = str | tuple[int, int]


def _without(these: Reserved, those: Reserved) -> list[_Item]:
    """Return the names and ranges of `these` that are not among `those`."""
    items: list[_Item] = sorted(these.names - those.names)
    for start, last in these.ranges:
        first = start
        for taken, end in sorted(those.ranges):
            if end < first or taken > last:
                continue
            if taken > first:
                items.append((first, taken - 1))
            first = end + 1
        if first <= last:
            items.append((first, last))
    return items


def _text(item: _Item) -> str:
    if isinstance(item, str):
        return f'the name "{item}"'
    first, last = item
    return f"the number {first}" if first == last else f"the numbers {first} to {last}"


def _user[Member: Numbered](members: Members[Member], item: _Item) -> str:
    """Return the name of the member that has a name or a number of a range."""
    if isinstance(item, str):
        return item if item in members.new else ""
    first, last = item
    users = (member.name for member in members.new.values() if first <= member.number <= last)
    return next(users, "")
