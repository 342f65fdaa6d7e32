"""The house stands as it was designed: directions, edges and sizes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.architecture import habits, imports, measures
from tests.architecture.source import Module, read_module, read_tree, write_tree

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "src"
SDK = read_tree(SOURCE / "mirastack_sdk", SOURCE)
WRITTEN = {name: module for name, module in SDK.items() if "._gen" not in name}
EXAMPLES = read_tree(REPOSITORY / "examples", REPOSITORY)
AROUND = {
    name: module
    for folder in ("codegen", "tests", "examples", "scripts", "benchmarks")
    for name, module in read_tree(REPOSITORY / folder, REPOSITORY).items()
    # Material for tests: printed as documented, or wrong on purpose.
    if not name.startswith(
        ("tests.documentation.programs", "tests.typing.mistakes", "examples.minimal_agent")
    )
}
TESTS = {name: module for name, module in AROUND.items() if name.startswith("tests.")}
BESIDE = {"mirastack_sdk_pytest": read_module(SOURCE / "mirastack_sdk_pytest.py", SOURCE)}
BY_HAND = WRITTEN | BESIDE | AROUND

type Check = Callable[[Mapping[str, Module]], list[str]]

ON_THE_SDK: tuple[Check, ...] = (
    imports.wrong_directions,
    imports.wrong_third_parties,
    imports.cycles,
)
ON_THE_WRITTEN_SDK: tuple[Check, ...] = (
    imports.imports_in_functions,
    habits.environment_readers,
    habits.sleepers,
    habits.uses_of_any,
)
ON_EVERYTHING_BY_HAND: tuple[Check, ...] = (
    habits.casts_without_reason,
    habits.exemptions_without_reason,
    habits.modules_without_docstring,
    measures.long_modules,
    measures.long_functions,
    measures.wide_functions,
    measures.deep_functions,
)


@pytest.mark.parametrize("check", ON_THE_SDK, ids=lambda check: check.__name__)
def test_the_sdk_keeps(check: Check) -> None:
    """Imports run in the house's directions, without cycles, generated code included."""
    assert check(SDK) == []


@pytest.mark.parametrize("check", ON_THE_WRITTEN_SDK, ids=lambda check: check.__name__)
def test_the_written_sdk_keeps(check: Check) -> None:
    """Environment, sleep, late imports and `Any` stay where they belong."""
    assert check(WRITTEN) == []


@pytest.mark.parametrize("check", ON_EVERYTHING_BY_HAND, ids=lambda check: check.__name__)
def test_everything_written_by_hand_keeps(check: Check) -> None:
    """Sizes, docstrings and reasons hold in the SDK, the generator, tests and examples alike."""
    assert check(BY_HAND) == []


def test_tests_state_their_promise() -> None:
    """Each test opens with the sentence that it holds true."""
    assert habits.tests_without_docstring(TESTS) == []


def test_tests_do_not_sleep() -> None:
    """No test waits for time to pass; the slow agents that some of them run may."""
    tests = {name: module for name, module in TESTS.items() if "tests.e2e.agents." not in name}
    assert habits.sleepers(tests) == []


def test_examples_use_public_modules_only() -> None:
    """An example stands where an author stands."""
    assert imports.private_imports(EXAMPLES) == []


def test_the_checks_read_the_whole_tree() -> None:
    """Every folder of the house was found: no check passes for want of files."""
    layers = {imports.layer_of(name) for name in SDK}
    assert layers >= {"_gen", "_core", "_wire", "_runtime", "testing", "public", "errors"}
    assert len(SDK) > 30
    assert len(TESTS) > 30
    assert EXAMPLES


NESTED = """
def f(a):
    if a:
        for b in a:
            while b:
                with b:
                    pass
"""

FAULTS: tuple[tuple[Check, dict[str, str]], ...] = (
    (imports.wrong_directions, {"_wire/a.py": "from mirastack_sdk._core import b\n"}),
    (
        imports.wrong_directions,
        {"_core/a.py": "from mirastack_sdk import _wire\n", "_wire/b.py": ""},
    ),
    (imports.wrong_directions, {"_core/a.py": "from .._wire import b\n", "_wire/b.py": ""}),
    (
        imports.wrong_directions,
        {"_gen/a.py": "from mirastack_sdk._wire.server.grpc_server import Server\n"},
    ),
    (imports.wrong_directions, {"_runtime/a.py": "import mirastack_sdk.testing\n"}),
    (imports.wrong_directions, {"_runtime/a.py": "from mirastack_sdk.plugin import serve\n"}),
    (
        imports.wrong_directions,
        {"plugin.py": "from mirastack_sdk._wire.server.grpc_server import Server\n"},
    ),
    (imports.wrong_directions, {"plugin.py": "from mirastack_sdk.testing import Mock\n"}),
    (imports.wrong_directions, {"testing/a.py": "from mirastack_sdk import serve\n"}),
    (imports.wrong_directions, {"__init__.py": "from mirastack_sdk.cli import main\n"}),
    (imports.wrong_directions, {"errors.py": "def f():\n    import mirastack_sdk._core.a\n"}),
    (imports.wrong_third_parties, {"_runtime/a.py": "import grpclib.client\n"}),
    (imports.wrong_third_parties, {"_gen/messages.py": "from grpclib import const\n"}),
    (imports.wrong_third_parties, {"_wire/a.py": "import betterproto\n"}),
    (imports.wrong_third_parties, {"_core/a.py": "import requests\n"}),
    (
        imports.cycles,
        {
            "_core/a.py": "from mirastack_sdk._core.b import B\n",
            "_core/b.py": "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from mirastack_sdk._core.c import C\n",
            "_core/c.py": "def f():\n    from mirastack_sdk._core import a\n",
        },
    ),
    (imports.imports_in_functions, {"_core/a.py": "def f():\n    import json\n"}),
    (imports.private_imports, {"a.py": "from mirastack_sdk._core.model.plugin_base import X\n"}),
    (habits.environment_readers, {"_core/a.py": "import os\nos.environ['A']\n"}),
    (habits.environment_readers, {"_core/a.py": "from os import getenv as g\ng('A')\n"}),
    (habits.sleepers, {"_runtime/a.py": "import asyncio\nasyncio.sleep(1)\n"}),
    (habits.sleepers, {"_runtime/a.py": "from time import sleep\nsleep(0)\n"}),
    (habits.sleepers, {"_runtime/a.py": "import time as t\nt.sleep(2)\n"}),
    (habits.uses_of_any, {"_core/a.py": "from typing import Any\nx: Any = 1\n"}),
    (habits.uses_of_any, {"_core/a.py": "import typing\nx: dict[str, typing.Any] = {}\n"}),
    (habits.casts_without_reason, {"a.py": "from typing import cast\nx = cast(int, y)\n"}),
    (habits.exemptions_without_reason, {"a.py": "x = 1  # type: ignore[arg-type]\n"}),
    (habits.exemptions_without_reason, {"a.py": "x = 1  # noqa: E501\n"}),
    (habits.exemptions_without_reason, {"a.py": "x = 1  # noqa\n"}),
    (habits.modules_without_docstring, {"a.py": "x = 1\n"}),
    (habits.tests_without_docstring, {"a.py": "class TestX:\n    def test_a(self): pass\n"}),
    (measures.long_modules, {"a.py": "x = 1\n" * 351}),
    (measures.long_functions, {"a.py": "def f():\n" + "    x = 1\n" * 40}),
    (measures.wide_functions, {"a.py": "def f(a, b, c, d, e, *, f, g, h, i): pass\n"}),
    (measures.deep_functions, {"a.py": NESTED}),
)

PERMITTED: tuple[tuple[Check, dict[str, str]], ...] = (
    (
        imports.wrong_directions,
        {"_gen/a.py": "from mirastack_sdk._wire.codec.gojson_reader import values\n"},
    ),
    (
        imports.wrong_directions,
        {"_core/a.py": "from mirastack_sdk._gen import m\n", "_gen/m.py": ""},
    ),
    (imports.wrong_directions, {"__init__.py": "from mirastack_sdk.testing import Mock\n"}),
    (imports.wrong_third_parties, {"_gen/services.py": "import grpclib, betterproto\n"}),
    (imports.wrong_third_parties, {"_wire/a.py": "import json\nimport hpack\n"}),
    (imports.imports_in_functions, {"_runtime/a.py": "def f():\n    import opentelemetry\n"}),
    (imports.cycles, {"a.py": "import mirastack_sdk.b\n", "b.py": "import json\n"}),
    (habits.environment_readers, {"cli/a.py": "import os\nos.environ['A']\n"}),
    (habits.sleepers, {"_runtime/clock.py": "import asyncio\nasyncio.sleep(1)\n"}),
    (habits.sleepers, {"a.py": "import asyncio\nasyncio.sleep(0)\n"}),
    (habits.exemptions_without_reason, {"a.py": "x = 1  # noqa: A002 - the wire's own word\n"}),
    (habits.exemptions_without_reason, {"a.py": "x = 1  # type: ignore[misc]  # its stub errs\n"}),
    (
        habits.casts_without_reason,
        {"a.py": "import typing\ntyping.cast(int, y)  # checked above\n"},
    ),
    (measures.deep_functions, {"a.py": "def f(a):\n    if a: x\n" + "    elif a: y\n" * 5}),
    (measures.long_modules, {"a.py": "x = 1\n" * 350}),
    (measures.long_functions, {"a.py": "def f():\n" + "    x = 1\n" * 39}),
    (measures.wide_functions, {"a.py": "def f(self, a, b, c, d, e, f, g, h): pass\n"}),
)


@pytest.mark.parametrize(
    ("check", "files"), FAULTS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_fault_is_found(check: Check, files: dict[str, str], tmp_path: Path) -> None:
    """Each check fails on a made-up tree that breaks its rule once."""
    assert len(check(write_tree(tmp_path, files))) == 1


@pytest.mark.parametrize(
    ("check", "files"), PERMITTED, ids=lambda value: getattr(value, "__name__", "")
)
def test_what_is_permitted_passes(check: Check, files: dict[str, str], tmp_path: Path) -> None:
    """Each check passes a made-up tree that goes as far as its rule allows."""
    assert check(write_tree(tmp_path, files)) == []
