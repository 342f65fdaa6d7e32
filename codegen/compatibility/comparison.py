"""The comparison of the released contract with the new one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from codegen.compatibility.changes import Change, Contracts
from codegen.compatibility.enums import enum_changes
from codegen.compatibility.facts import (
    ContractFacts,
    EnumFacts,
    FileFacts,
    MessageFacts,
    Place,
    ServiceFacts,
)
from codegen.compatibility.messages import message_changes
from codegen.compatibility.services import service_changes

type Declaration = MessageFacts | EnumFacts | ServiceFacts


def compare(old: ContractFacts, new: ContractFacts) -> list[Change]:
    """Return every change from the released contract to the new one, in the order of the files."""
    moved = {
        name: f"{now.package}.{name[len(before.package) :].lstrip('.')}".lstrip(".")
        for before, now in _files(old, new)
        if before.package != now.package
        for name in before.names
    }
    contracts = Contracts(old=old, new=new, renamed=moved)
    renamed = dict(_renamed(contracts))
    contracts = replace(contracts, renamed=moved | renamed)
    changes = [
        *_package_changes(old, new),
        *_rename_changes(contracts, renamed),
        *_declaration_changes(contracts),
    ]
    return sorted(changes, key=lambda change: (change.place, not change.is_breaking))


def _files(old: ContractFacts, new: ContractFacts) -> Iterator[tuple[FileFacts, FileFacts]]:
    """Return the files that are in both contracts; the last one is the contract's own."""
    *_, old_root = old.files
    *_, new_root = new.files
    for name, before in old.files.items():
        if name == old_root:
            yield before, new.files[new_root]
        elif name in new.files:
            yield before, new.files[name]


def _package_changes(old: ContractFacts, new: ContractFacts) -> Iterator[Change]:
    for before, now in _files(old, new):
        if before.package != now.package:
            yield Change(
                place=now.place,
                fact=f"the package was {before.package or 'none'} and is now "
                f"{now.package or 'none'}",
                harm="peers of the last release get UNIMPLEMENTED, because the paths of all rpcs "
                "change with it",
                instead="restore it, or serve both packages",
            )


def _declarations(contract: ContractFacts) -> dict[str, tuple[str, Declaration]]:
    """Return everything that has a full name, with the word for its kind."""
    return {
        **{name: ("message", message) for name, message in contract.messages.items()},
        **{name: ("enum", enum) for name, enum in contract.enums.items()},
        **{name: ("service", service) for name, service in contract.services.items()},
    }


def _renamed(contracts: Contracts) -> Iterator[tuple[str, str]]:
    """Return what has the same content as before under a name that is new."""
    old, new = _declarations(contracts.old), _declarations(contracts.new)
    kept = {contracts.today(name) for name in old}
    added = {name: item for name, item in new.items() if name not in kept}
    for name, item in old.items():
        if contracts.today(name) in new or not _content(item[1]):
            continue
        found = [candidate for candidate, other in added.items() if other == item]
        if len(found) == 1:
            del added[found[0]]
            yield name, found[0]


def _content(declaration: Declaration) -> Mapping[str, object]:
    match declaration:
        case MessageFacts():
            return declaration.fields
        case EnumFacts():
            return declaration.values
        case ServiceFacts():
            return declaration.methods


def _rename_changes(contracts: Contracts, renamed: Mapping[str, str]) -> Iterator[Change]:
    new = _declarations(contracts.new)
    for name, now in renamed.items():
        kind, declaration = new[now]
        titles = contracts.old.short(name), contracts.new.short(now)
        before, after = titles if titles[0] != titles[1] else (name, now)
        harm = "programs that use the old name fail"
        if kind == "service":
            harm = f"peers of the last release get UNIMPLEMENTED, and {harm}"
        yield Change(
            place=declaration.place,
            fact=f"{kind} {before} is now called {after}",
            harm=harm,
            instead=f"call it {before}",
        )


def _declaration_changes(contracts: Contracts) -> Iterator[Change]:
    old, new = _declarations(contracts.old), _declarations(contracts.new)
    for name, (kind, before) in old.items():
        title = contracts.new.short(contracts.today(name))
        now_kind, now = new.get(contracts.today(name), ("", None))
        if now is None or kind != now_kind:
            yield _removal(contracts, kind, title, before)
            continue
        yield from _content_changes(contracts, title, before, now)
        if before.deprecated != now.deprecated:
            text = "now" if now.deprecated else "no longer"
            yield Change(place=now.place, fact=f"{kind} {title} is {text} deprecated")
    known = {(contracts.today(name), kind) for name, (kind, _) in old.items()}
    for name, (kind, now) in new.items():
        if (name, kind) not in known:
            yield Change(place=now.place, fact=f"{kind} {contracts.new.short(name)} was added")


def _content_changes(
    contracts: Contracts, title: str, old: Declaration, new: Declaration
) -> Iterator[Change]:
    match old, new:
        case MessageFacts(), MessageFacts():
            yield from message_changes(contracts, title, old, new)
        case EnumFacts(), EnumFacts():
            yield from enum_changes(title, old, new)
        case ServiceFacts(), ServiceFacts():
            yield from service_changes(contracts, title, old, new)
        case _:
            raise AssertionError(f"{title} is of two kinds")


def _removal(contracts: Contracts, kind: str, title: str, old: Declaration) -> Change:
    harm = "programs that use it fail"
    if kind == "service":
        harm = f"peers of the last release get UNIMPLEMENTED when they call it, and {harm}"
    *_, root = contracts.new.files
    file = old.place.file if old.place.file in contracts.new.files else root
    return Change(
        place=Place(file=file, line=contracts.new.files[file].place.line),
        fact=f"{kind} {title} was removed",
        harm=harm,
        instead="keep it as deprecated",
    )
