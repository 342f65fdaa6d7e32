"""The public API is what `public_api.txt` pins: names, signatures, fields."""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import mirastack_sdk
from tests.public_api import MODULES, PINNED, describe, public_members, public_names


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each public module in turn."""
    return importlib.import_module(request.param)


def test_names_and_signatures_are_pinned() -> None:
    """A change of the public API shows in `public_api.txt`; see `tests/public_api.py`."""
    assert describe() == PINNED.read_text(encoding="utf-8").splitlines()


def test_every_module_without_underscore_is_pinned() -> None:
    """Nothing is public by accident: a module that is not pinned is private by name."""
    every = pkgutil.walk_packages(mirastack_sdk.__path__, "mirastack_sdk.")
    found = {entry.name for entry in every if "._" not in entry.name}
    assert found == set(MODULES) - {"mirastack_sdk"}


def test_all_names_everything_of_the_sdk(module: ModuleType) -> None:
    """Every public name that a public module defines is in `__all__`."""
    for name in public_names(module):
        # What is loaded when it is asked for is bound by then.
        vars(module).setdefault(name, getattr(module, name))
    ours = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and str(getattr(value, "__module__", "")).startswith("mirastack_sdk")
        and not inspect.ismodule(value)
    }
    # Constants and modules do not say where they are from.
    named = {name for name in public_names(module) if hasattr(vars(module)[name], "__module__")}
    assert ours == named


def test_all_is_sorted_and_names_each_once(module: ModuleType) -> None:
    """Constants, then classes, then functions, each in alphabetical order."""
    names = public_names(module)
    assert names == sorted(set(names), key=lambda name: (name.islower(), not name.isupper(), name))


def test_every_public_name_is_documented(module: ModuleType) -> None:
    """Each name has its own docstring, not the generated one of a dataclass."""
    undocumented = [
        name
        for name in public_names(module)
        if not (text := inspect.getdoc(getattr(module, name)) or "") or text.startswith(f"{name}(")
    ]
    assert undocumented == []


def test_every_public_method_is_documented(module: ModuleType) -> None:
    """Each public method and property has a docstring, or overrides one that has."""
    classes = [getattr(module, name) for name in public_names(module)]
    undocumented = [
        f"{cls.__name__}.{name}"
        for cls in classes
        if isinstance(cls, type)
        for name, member in public_members(cls).items()
        if inspect.isroutine(member) or isinstance(member, property | classmethod)
        if not inspect.getdoc(getattr(cls, name))
    ]
    assert undocumented == []


def test_the_package_offers_every_documented_name() -> None:
    """`from mirastack_sdk import …` works for each name that the documentation imports."""
    documented = {
        name
        for module_name in ("plugin", "datetimeutils")
        for name in public_names(importlib.import_module(f"mirastack_sdk.{module_name}"))
    }
    more = {"serve", "EngineClient", "MockEngineClient", "make_execute_request"}
    assert documented | more <= set(mirastack_sdk.__all__)
