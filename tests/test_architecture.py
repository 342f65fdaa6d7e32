"""The rules of the code that neither ruff nor import-linter can check."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture import rules
from tests.architecture.source import Module, read_module, read_tree, write_tree

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "src"
# Names that are not ours: those of the published SDK, and of generated packages, which all have the
# same modules.
GIVEN_NAMES = re.compile(r"mirastack_sdk\.(compat\.[a-z]\w*|_gen\.grpc(\.\w+)*)")

# Material for tests: in others' style, printed as documented, or wrong on purpose.
MATERIAL = (
    "tests.compat.agents",
    "tests.documentation.programs",
    "tests.typing.mistakes",
    "examples.minimal_agent",
)

type Rule = Callable[[Mapping[str, Module]], list[str]]

EVERYWHERE: tuple[Rule, ...] = (
    rules.exemptions_without_reason,
    rules.missing_docstrings,
    rules.long_modules,
    rules.long_functions,
    rules.deep_functions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The modules of the repository by name."""

    sdk: dict[str, Module]
    beside: dict[str, Module]
    tests: dict[str, Module]
    examples: dict[str, Module]

    @property
    def by_hand(self) -> dict[str, Module]:
        """All that is written by hand."""
        written = {name: module for name, module in self.sdk.items() if "._gen" not in name}
        return written | self.beside


@pytest.fixture(scope="module")
def sources() -> Sources:
    """Parse the repository, which takes seconds, and drop the trees after this module."""
    beside = {"mirastack_sdk_pytest": read_module(SOURCE / "mirastack_sdk_pytest.py", SOURCE)}
    for folder in ("codegen", "tests", "examples", "scripts", "benchmarks"):
        modules = read_tree(REPOSITORY / folder, REPOSITORY)
        beside |= {name: one for name, one in modules.items() if not name.startswith(MATERIAL)}
    return Sources(
        sdk=read_tree(SOURCE / "mirastack_sdk", SOURCE),
        beside=beside,
        tests={name: module for name, module in beside.items() if name.startswith("tests.")},
        examples=read_tree(REPOSITORY / "examples", REPOSITORY),
    )


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_all_handwritten_code_follows_the_rules(rule: Rule, sources: Sources) -> None:
    """Sizes, docstrings and reasons in the SDK, the generator, tests and examples."""
    assert rule(sources.by_hand) == []


@pytest.mark.parametrize("rule", [rules.full_folders, rules.shared_names])
def test_every_module_is_found_by_its_name(rule: Rule, sources: Sources) -> None:
    """A folder has few modules, and no two modules of the SDK have the same name.

    The modules of `compat` have the names that the published SDK gave them, and those of generated
    packages are the same everywhere.
    """
    ours = {name: m for name, m in sources.sdk.items() if not GIVEN_NAMES.fullmatch(name)}
    assert rule(ours) == []


def test_only_the_clock_sleeps(sources: Sources) -> None:
    """The SDK waits only on a clock that a test can move."""
    clock = "mirastack_sdk._runtime.clock"
    assert (
        rules.sleeps({name: module for name, module in sources.sdk.items() if name != clock}) == []
    )


def test_classes_are_compiled_when_they_are_used(sources: Sources) -> None:
    """Our dataclasses, named tuples and messages cost little at import."""
    deferring = {
        "mirastack_sdk._deferred.dataclasses",
        "mirastack_sdk._deferred.named_tuples",
        "mirastack_sdk._wire.codec.proto_message",
    }
    others = {
        name: module
        for name, module in sources.sdk.items()
        if name not in deferring and "._gen" not in name
    }
    assert rules.eager_classes(others) == []


def test_tests_do_not_sleep(sources: Sources) -> None:
    """No test sleeps; the slow agents that some of them run may."""
    tests = {name: module for name, module in sources.tests.items() if ".agents." not in name}
    assert rules.sleeps(tests) == []


def test_tests_state_their_promise(sources: Sources) -> None:
    """Each test has a docstring."""
    assert rules.tests_without_promise(sources.tests) == []


def test_examples_use_public_modules_only(sources: Sources) -> None:
    """Examples import public modules only."""
    assert rules.private_imports(sources.examples) == []


def test_the_rules_read_the_whole_tree(sources: Sources) -> None:
    """Every folder was found, so no rule passes without having read a file."""
    assert {"mirastack_sdk._gen.messages", "mirastack_sdk._wire.http2.connection"} <= set(
        sources.sdk
    )
    assert min(len(sources.sdk), len(sources.tests)) > 100
    assert sources.examples


NESTED = """
def f(a):
    if a:
        for b in a:
            while b:
                with b:
                    pass
"""

BROKEN: tuple[tuple[Rule, dict[str, str]], ...] = (
    (rules.full_folders, {f"_core/m{number}.py": "" for number in range(16)}),
    (rules.shared_names, {"_core/a.py": "", "testing/_a.py": ""}),
    (rules.private_imports, {"a.py": "from mirastack_sdk._core.model.plugin_base import X\n"}),
    (rules.private_imports, {"a.py": "from mirastack_sdk import _core\n"}),
    (rules.private_imports, {"a.py": "import mirastack_sdk.testing._script\n"}),
    (rules.sleeps, {"_runtime/a.py": "import asyncio\nasyncio.sleep(1)\n"}),
    (rules.sleeps, {"_runtime/a.py": "from time import sleep\nsleep(0)\n"}),
    (rules.sleeps, {"_runtime/a.py": "import asyncio\nf = asyncio.sleep\n"}),
    (rules.eager_classes, {"a.py": "from dataclasses import dataclass, field\n"}),
    (rules.eager_classes, {"a.py": "from typing import NamedTuple\n"}),
    (rules.exemptions_without_reason, {"a.py": "x = 1  # type: ignore[arg-type]\n"}),
    (rules.exemptions_without_reason, {"a.py": "x = 1  # noqa: E501\n"}),
    (rules.exemptions_without_reason, {"a.py": "x = 1  # noqa\n"}),
    (rules.missing_docstrings, {"a.py": "x = 1\n"}),
    (rules.tests_without_promise, {"a.py": "class TestX:\n    def test_a(self): pass\n"}),
    (rules.long_modules, {"a.py": "x = 1\n" * 351}),
    (rules.long_functions, {"a.py": "def f():\n" + "    x = 1\n" * 40}),
    (rules.deep_functions, {"a.py": NESTED}),
)

KEPT: tuple[tuple[Rule, dict[str, str]], ...] = (
    (rules.full_folders, {f"_core/m{number}.py": "" for number in range(15)}),
    (rules.private_imports, {"a.py": "from mirastack_sdk.plugin import X as _X\n"}),
    (rules.sleeps, {"a.py": "import asyncio\nasyncio.sleep(0)\n"}),
    (rules.eager_classes, {"a.py": "from mirastack_sdk._deferred.dataclasses import dataclass\n"}),
    (
        rules.eager_classes,
        {"a.py": "from mirastack_sdk._deferred.named_tuples import NamedTuple\n"},
    ),
    (rules.exemptions_without_reason, {"a.py": "x = 1  # noqa: A002 - the wire's own word\n"}),
    (rules.exemptions_without_reason, {"a.py": "x = 1  # type: ignore[misc]  # its stub errs\n"}),
    (rules.deep_functions, {"a.py": "def f(a):\n    if a: x\n" + "    elif a: y\n" * 5}),
    (rules.long_modules, {"a.py": "x = 1\n" * 350}),
    (rules.long_functions, {"a.py": "def f():\n" + "    x = 1\n" * 39}),
)


@pytest.mark.parametrize(
    ("rule", "files"), BROKEN, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_broken_rule_is_found(rule: Rule, files: dict[str, str], tmp_path: Path) -> None:
    """Each rule fails on a made-up tree that breaks it once."""
    assert len(rule(write_tree(tmp_path, files))) == 1


@pytest.mark.parametrize(("rule", "files"), KEPT, ids=lambda value: getattr(value, "__name__", ""))
def test_a_kept_rule_holds(rule: Rule, files: dict[str, str], tmp_path: Path) -> None:
    """Each rule passes on a made-up tree that is exactly at its limit."""
    assert rule(write_tree(tmp_path, files)) == []
