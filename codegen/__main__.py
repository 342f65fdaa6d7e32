"""The command `python -m codegen [--check | --release] [--allow-breaking]`."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from codegen.compatibility.guard import judge
from codegen.compatibility.release import ReleaseError
from codegen.construct import RefusalError
from codegen.generate import generated_from, reported, write
from codegen.protoc import ProtocError, compile_proto

_ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Generate, or check, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        descriptor = compile_proto(options.proto_root, options.proto)
        descriptors = FileDescriptorSet(file=[descriptor])
        verdict = judge(options.proto_root, options.proto, descriptors)
        modules = generated_from(descriptor)
    except (ProtocError, RefusalError, ReleaseError) as error:
        _print([str(error)], sys.stderr)
        return 1
    _print(verdict.notes(), sys.stdout)
    errors = verdict.errors(allowed=options.allow_breaking)
    if options.check:
        stale = [*reported(modules, options.output), *verdict.outdated()]
        errors += [f"{line}; run `make codegen`" for line in stale]
    _print(errors, sys.stderr)
    if errors or options.check:
        return 1 if errors else 0
    write(modules, options.output)
    if options.release:
        verdict.make_release()
    else:
        verdict.record()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="write nothing; fail if a generated file differs"
    )
    mode.add_argument(
        "--release", action="store_true", help="record the contract as released, beside the proto"
    )
    parser.add_argument(
        "--allow-breaking",
        action="store_true",
        help="accept changes that break peers or callers of the released contract",
    )
    parser.add_argument("--proto-root", type=Path, default=_ROOT / "proto")
    parser.add_argument("--proto", type=Path, default=Path("mirastack/plugin/v1/plugin.proto"))
    parser.add_argument("--output", type=Path, default=_ROOT / "src" / "mirastack_sdk" / "_gen")
    return parser


def _print(lines: Iterable[str], stream: TextIO) -> None:
    for line in lines:
        print(line, file=stream)


if __name__ == "__main__":
    sys.exit(main())
