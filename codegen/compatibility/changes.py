"""The change of one fact, and the two contracts between which it happened."""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.compatibility.facts import ContractFacts, FieldFacts, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of one fact.

    `fact` says what was and what is; it has no line, so it identifies the change. `harm` says whom
    it breaks, and `instead` what to do; both are empty if the change is compatible.
    """

    place: Place
    fact: str
    harm: str = ""
    instead: str = ""

    @property
    def is_breaking(self) -> bool:
        """Whether a peer or a caller breaks."""
        return bool(self.harm)

    def __str__(self) -> str:
        text = f"{self.place.file}:{self.place.line}: {self.fact}"
        return f"{text}, so {self.harm}; {self.instead}" if self.harm else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """The released contract and the new one; `renamed` has the full names that have changed."""

    old: ContractFacts
    new: ContractFacts
    renamed: Mapping[str, str]

    def today(self, name: str) -> str:
        """Return the full name that a type of the released contract has now."""
        return self.renamed.get(name, name)

    def same_type(self, old: FieldFacts, new: FieldFacts) -> bool:
        """Whether two fields hold the same types, with any number of values."""
        return (self.today(old.type.name), old.key) == (new.type.name, new.key)

    def titles(self, old: FieldFacts, new: FieldFacts) -> tuple[str, str]:
        """Return the types of two fields as the proto spells them."""
        short = self.old.title(old), self.new.title(new)
        if short[0] != short[1]:
            return short
        return self.old.title(old, full=True), self.new.title(new, full=True)
