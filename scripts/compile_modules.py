"""Compile the modules that a call passes through, with mypyc: compile_modules.py FOLDER

The extension modules are in FOLDER/lib afterwards, at their places beside or in the package. Runs
at the top of the repository; needs a C compiler and Python's headers.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

# First: mypyc uses it if it is imported already.
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

from mypyc.build import mypycify  # isort: skip

SOURCE = Path("src")
PACKAGE = Path("mirastack_sdk")

# What authors subclass, copy, compare or patch is not among them: it stays Python's own. Neither
# are betterproto's messages, nor what runs only at the start. The bases of a class in here are all
# in here, down to the first that is not: `super()` in a compiled class skips interpreted ones.
MODULES = (
    "_actions/result/json_encoding",
    "_actions/result/truncation",
    "_core/contract/execute_messages",
    "_core/contract/parameters",
    "_core/contract/plain_results",
    "_gen/gojson_codec",
    "_gen/protobuf_codec",
    "_runtime/calls/response_writer",
    "_text",
    "_wire/client/call_response",
    "_wire/client/channel",
    "_wire/client/client_connection",
    "_wire/client/streamed_call",
    "_wire/codec/checks",
    "_wire/codec/gojson_reader",
    "_wire/codec/gojson_writer",
    "_wire/codec/message_codec",
    "_wire/codec/protobuf_reader",
    "_wire/codec/protobuf_writer",
    "_wire/grpc/message_reader",
    "_wire/grpc/metadata",
    "_wire/grpc/request_check",
    "_wire/http2/budgets",
    "_wire/http2/connection",
    "_wire/http2/events",
    "_wire/http2/frames",
    "_wire/http2/header_cache",
    "_wire/http2/header_receiver",
    "_wire/http2/header_rules",
    "_wire/http2/outbox",
    "_wire/http2/peer_settings",
    "_wire/http2/receiver",
    "_wire/http2/state",
    "_wire/http2/streams",
    "_wire/server/client_watch",
    "_wire/server/server_call",
    "_wire/server/server_connection",
    "_wire/server/stream_call",
    "_wire/server/timed_connection",
    "_wire/socket/protocol",
    "_wire/streaming/message_queue",
    "_wire/streaming/message_sender",
)

# Where mypy finds the types. It is not as strict as `make types`: where wheels are built, the
# optional packages and the stubs of others are not installed.
_TYPES = (Path("../stubs"), Path("."))
_MYPY_OPTIONS = (
    "--config-file=",
    "--cache-dir=../.mypy_cache/mypyc",
    "--explicit-package-bases",
    "--ignore-missing-imports",
)

# All modules share one library, so that they call each other directly.
_LIBRARY = "mirastack_sdk"


class ParallelBuild(build_ext):
    """Compiles the C files of one extension at the same time."""

    def build_extensions(self) -> None:
        """Let several compilers run."""
        compile_files = self.compiler.compile

        def compile_all(sources: Sequence[str], **options: object) -> list[str]:
            def compile_one(source: str) -> list[str]:
                objects: list[str] = compile_files([source], **options)
                return objects

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return list(chain.from_iterable(pool.map(compile_one, sources)))

        self.compiler.compile = compile_all
        super().build_extensions()


def extensions(c_folder: Path) -> list[Extension]:
    """Write the C files; exits with mypy's messages if there are errors."""
    files = [str(PACKAGE / f"{module}.py") for module in MODULES]
    os.environ["MYPYPATH"] = os.pathsep.join(map(str, _TYPES))
    found = mypycify(
        [*_MYPY_OPTIONS, *files],
        opt_level=os.environ.get("MIRASTACK_COMPILE_LEVEL", "3"),
        debug_level="0",
        multi_file=True,
        target_dir=str(c_folder),
        group_name=_LIBRARY,
    )
    use_current_throw(c_folder)
    for extension in found:
        # The C code is mypyc's, and each compiler warns of something else in it.
        extension.extra_compile_args.append("-Wno-error")
        if sys.platform == "linux":
            extension.extra_link_args.append("-Wl,--strip-all")
    return found


def use_current_throw(c_folder: Path) -> None:
    """Let coroutines throw into what they wait for with one argument, as Python does.

    mypyc passes three, which Python warns of, so that under `-W error` every cancelled call would
    end with that warning. This finds nothing to replace in a mypyc that has stopped doing so.
    """
    for file in c_folder.rglob("misc_ops.c"):
        text = file.read_text("utf-8")
        three = "PyObject_CallFunctionObjArgs(_m, type, value, traceback, NULL)"
        file.write_text(text.replace(three, "PyObject_CallOneArg(_m, value)"), "utf-8")


def main(folder: Path) -> None:
    """Compile the modules into a folder."""
    # Tracebacks have the names of the files from here, and Python looks for these below `sys.path`.
    os.chdir(SOURCE)
    distribution = Distribution({"name": _LIBRARY, "ext_modules": extensions(folder / "c")})
    command = ParallelBuild(distribution)
    command.build_lib = str(folder / "lib")
    command.build_temp = str(folder / "objects")
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
