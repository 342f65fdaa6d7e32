"""How one generated module names the classes and the functions of its own and other packages."""

from collections.abc import Set as AbstractSet

from codegen.model import Kind, Package, Tree, Type
from codegen.tree import alias


class Scope:
    """The names in one module of a package; those in `reserved` are the module's own.

    A class of the same package whose name is reserved is imported under another one. Those of other
    packages are found in their modules.
    """

    def __init__(self, tree: Tree, package: Package, reserved: AbstractSet[str]) -> None:
        self._tree = tree
        self._package = package
        self._reserved = reserved

    def class_of(self, value_type: Type) -> str:
        """Return the text for an enum or a message class."""
        if value_type.package != self._package.name:
            return f"{alias(value_type.package)}.{value_type.name}"
        return self._local(value_type.name)

    def function(self, verb: str, message: Type) -> str:
        """Return the text for the function that writes or reads the fields of a message."""
        if message.package != self._package.name:
            return f"{alias(message.package)}_codec.{verb}_{message.function}_fields"
        return self.own_function(verb, message)

    def own_function(self, verb: str, message: Type) -> str:
        """Return the name of a function of this package; it is private unless others call it."""
        if message in self._tree.shared:
            return f"{verb}_{message.function}_fields"
        return f"_{verb}_{message.function}"

    def class_imports(self, used: AbstractSet[str]) -> list[str]:
        """Return what to import from `messages` for the names that a module uses."""
        enums, messages = self._package.enums, self._package.messages
        names = sorted([enum.name for enum in enums] + [message.name for message in messages])
        local = [(name, self._local(name)) for name in names]
        return [
            name if name == text else f"{name} as {text}" for name, text in local if text in used
        ]

    def module_imports(self, used: AbstractSet[str], codec: str) -> list[str]:
        """Return the imports of other packages' modules; `codec` is the module of their codecs."""
        dots = "." * (len(self._package.folders) + 1)
        lines = []
        for package in sorted(self._tree.packages, key=lambda package: package.folders):
            place = dots + ".".join(package.folders)
            name = alias(package.name)
            if package is not self._package and name in used:
                lines.append(f"from {place} import messages as {name}")
            if package is not self._package and f"{name}_codec" in used:
                lines.append(f"from {place} import {codec} as {name}_codec")
        return lines

    def _local(self, name: str) -> str:
        return f"{name}_" if name in self._reserved else name


def is_class(value_type: Type) -> bool:
    """Whether values have a generated class."""
    return value_type.kind in {Kind.ENUM, Kind.MESSAGE}
