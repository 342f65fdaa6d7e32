"""The public API as text, one line for each name; run it to rewrite `public_api.txt`.

`python -m tests.public_api` from the repository's root.
"""

import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeAliasType

MODULES = (
    "mirastack_sdk.plugin",
    "mirastack_sdk.engine",
    "mirastack_sdk.errors",
    "mirastack_sdk.security",
    "mirastack_sdk.logs",
    "mirastack_sdk.datetimeutils",
    "mirastack_sdk.agent",
    "mirastack_sdk.results",
    "mirastack_sdk.testing",
    "mirastack_sdk",
    "mirastack_sdk.compat.plugin",
    "mirastack_sdk.compat.context",
    "mirastack_sdk.compat.respond",
    "mirastack_sdk.compat.datetimeutils",
    "mirastack_sdk.compat.validate",
    "mirastack_sdk.compat.tenantid",
    "mirastack_sdk.compat.obs",
    "mirastack_sdk.compat.grpc_msgsize",
    "mirastack_sdk.compat",
)
PINNED = Path(__file__).parent / "public_api.txt"

_FUNCTION = re.compile(r"<function (\w+) at 0x[0-9a-f]+>")
_INNER_PATH = re.compile(r"\b(?:mirastack_sdk|collections|typing|asyncio|enum)(?:\.\w+)*\.(?=\w)")


def public_names(module: ModuleType) -> list[str]:
    """The names that a module offers."""
    names: list[str] = module.__all__
    return names


def describe() -> list[str]:
    """Describe every name of each public module, each object once."""
    lines: list[str] = []
    seen: dict[int, str] = {}
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        lines += ["", module_name, "-" * len(module_name)]
        for name in public_names(module):
            found: object = getattr(module, name)
            if id(found) in seen:
                lines.append(f"{name} = {seen[id(found)]}")
                continue
            seen[id(found)] = f"{module_name}.{name}"
            lines += _describe(name, found)
    return lines[1:]


def _describe(name: str, found: object) -> Iterator[str]:
    if isinstance(found, type) and issubclass(found, enum.Enum):
        yield f"enum {name}"
        yield from (f"    {member.name} = {member.value!r}" for member in found)
    elif isinstance(found, type):
        bases = ", ".join(base.__name__ for base in found.__bases__)
        yield f"class {name}({bases})"
        if inspect.isfunction(getattr(found, "__init__", None)):
            yield f"    {_signature(found).removesuffix(' -> None')}"
        yield from (f"    {line}" for line in _members(found))
    elif isinstance(found, TypeAliasType):
        yield f"type {name} = {_short(str(found.__value__))}"
    elif callable(found):
        yield f"{_kind(found)} {name}{_signature(found)}"
    else:
        yield f"{name}: {type(found).__name__}"


def _members(cls: type) -> Iterator[str]:
    """The public methods and properties, including those of the SDK's own base classes."""
    for name, found in sorted(public_members(cls).items()):
        if isinstance(found, property):
            getter = found.fget
            assert getter is not None
            settable = "" if found.fset is None else ", settable"
            yield f"property {name}{_signature(getter).replace('(self)', '')}{settable}"
        elif isinstance(found, classmethod | staticmethod):
            yield f"{type(found).__name__} {name}{_signature(found.__func__)}"
        elif inspect.isfunction(found):
            yield f"{_kind(found)} {name}{_signature(found)}"


def public_members(cls: type) -> dict[str, object]:
    """The names without underscore that a class and the SDK's base classes define."""
    return {
        name: found
        for base in reversed(cls.__mro__)
        if base.__module__.startswith("mirastack_sdk")
        for name, found in vars(base).items()
        if not name.startswith("_")
    }


def _kind(function: object) -> str:
    return "async def" if inspect.iscoroutinefunction(function) else "def"


def _signature(function: object) -> str:
    assert callable(function)
    return _short(str(inspect.signature(function)))


def _short(text: str) -> str:
    """The text without the names of modules and without memory addresses."""
    return _FUNCTION.sub(r"\1", _INNER_PATH.sub("", text)).replace("'", '"')


if __name__ == "__main__":
    PINNED.write_text("\n".join(describe()) + "\n", encoding="utf-8")
