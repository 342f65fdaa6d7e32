"""What an agent's start loads and compiles, from its import to its first response."""

import subprocess
import sys

from tests.documentation.documentation import MINIMAL_AGENT

MOST_MODULES = 167
MOST_PATTERNS = 9
MOST_CONSTRUCTORS = 18

# Each of these would be a hundredth of the start or more, for agents that do not use it.
UNNEEDED = (
    "dateutil",
    "email",
    "encodings.idna",
    "hashlib",
    "http",
    "importlib.metadata",
    "ipaddress",
    "mirastack_sdk._actions",
    "mirastack_sdk._core.policy.retries",
    "mirastack_sdk._core.redaction.error_rules",
    "mirastack_sdk._runtime.calls.progress",
    "mirastack_sdk._runtime.connection_security.protection_files",
    "mirastack_sdk._runtime.engine_access.standalone_engine",
    "mirastack_sdk._wire.client",
    "mirastack_sdk._wire.codec.gojson_reader",
    "mirastack_sdk._wire.tls",
    "platform",
    "prometheus_client",
    "pydantic",
    "queue",
    "random",
    "resource",
    "sysconfig",
    "urllib.parse",
    "uuid",
    "zoneinfo",
)

PROGRAM = """
import asyncio, gc, importlib.util, sys
from mirastack_sdk import serve_async
from mirastack_sdk._deferred import named_tuples, patterns

spec = importlib.util.spec_from_file_location("agent", {path!r})
agent = importlib.util.module_from_spec(spec)
spec.loader.exec_module(agent)

def compiled_methods(*names):
    return sorted(
        f"{{cls.__name__}}.{{name}}"
        for cls in gc.get_objects()
        if isinstance(cls, type) and "__dataclass_fields__" in vars(cls)
        if cls.__module__.startswith("mirastack_sdk.") and "._gen" not in cls.__module__
        for name in names
        if hasattr(vars(cls).get(name), "__code__")
        and vars(cls)[name].__code__.co_filename == "<string>"
    )

def compiled_patterns():
    late = (one for one in gc.get_objects() if isinstance(one, patterns.deferred_pattern))
    return sorted(str(pattern._source) for pattern in late if hasattr(pattern, "_source")
                  and "fullmatch" in vars(pattern))

def compiled_constructors():
    bases = {{named_tuples.__name__}}
    return sorted(
        cls.__name__
        for cls in gc.get_objects()
        if isinstance(cls, type) and bases & {{base.__module__ for base in cls.__mro__[1:]}}
        if isinstance(vars(cls).get("__new__"), staticmethod)
    )

async def main():
    stop, found = asyncio.Event(), []

    def listening(port):
        found.append({expression})
        stop.set()

    environ = {{"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0"}}
    await serve_async(agent.MyPlugin(), environ=environ, stop=stop, on_listening=listening)
    print(found[0])

asyncio.run(main())
"""


def at_the_start(expression: str) -> str:
    """The value of an expression in a new process, whose agent listens."""
    return printed_by(PROGRAM.format(path=str(MINIMAL_AGENT), expression=expression))


def printed_by(program: str) -> str:
    """What a program prints that runs in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_only_what_is_needed_is_loaded() -> None:
    """An agent without TLS, a token, typed actions and an engine has none of their modules."""
    assert at_the_start(f"[name for name in {UNNEEDED!r} if name in sys.modules]") == "[]"


def test_few_modules_are_loaded() -> None:
    """The number of the SDK's own modules is pinned, so that an import that adds some is seen."""
    expression = 'sum(name.partition(".")[0] == "mirastack_sdk" for name in sys.modules)'
    assert int(at_the_start(expression)) <= MOST_MODULES


def test_nothing_is_collected_during_the_import() -> None:
    """The import of the SDK looks through what it creates no more than once, at its beginning."""
    program = """
import asyncio, gc
gc.collect()
before = sum(generation["collections"] for generation in gc.get_stats())
import mirastack_sdk
print(sum(generation["collections"] for generation in gc.get_stats()) - before)
"""
    assert int(printed_by(program)) <= 1


def test_values_are_not_compared_or_printed() -> None:
    """No method of a dataclass is compiled at a start, but for those that create values."""
    assert at_the_start("compiled_methods('__repr__', '__eq__')") == "[]"


def test_values_of_which_there_are_few_are_made_without_a_function() -> None:
    """A start compiles `__init__` only of the class of variables, of which there are dozens."""
    assert at_the_start("compiled_methods('__init__')") == "['Variable.__init__']"


def test_patterns_for_other_occasions_are_not_compiled() -> None:
    """A start compiles the patterns of what it checks, such as addresses and declarations."""
    assert int(at_the_start("len(compiled_patterns())")) <= MOST_PATTERNS


def test_few_named_tuples_are_made() -> None:
    """A start compiles the constructors of the tuples that it makes."""
    assert 0 < int(at_the_start("len(compiled_constructors())")) <= MOST_CONSTRUCTORS
