"""The command `python -m codegen [--check | --release] [--allow-breaking]`."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from codegen.compatibility.guard import judge
from codegen.compatibility.release import ReleaseError
from codegen.construct import RefusalError
from codegen.generate import generated_from, reported, write
from codegen.proto_files import PROTO_FILES, proto_files_module
from codegen.protoc import ProtocError, compile_protos

_ROOT = Path(__file__).parent.parent
_CONTRACT = Path("mirastack/plugin/v1/plugin.proto")
# gRPC's own services, which agents serve, too.
_STANDARD = (Path("grpc/health/v1/health.proto"), Path("grpc/reflection/v1/reflection.proto"))
# It has the messages of v1, so only its description is needed.
_TWIN = Path("grpc/reflection/v1alpha/reflection.proto")


def main(arguments: list[str] | None = None) -> int:
    """Generate, or check, and return the exit status."""
    options = _parser().parse_args(arguments)
    root: Path = options.proto_root
    if options.output.exists() and not options.output.is_dir():
        _print([f"{options.output}: it is a file, not a folder"], sys.stderr)
        return 1
    sources = [_in_root(source, root) for source in options.proto or [_CONTRACT, *_STANDARD]]
    command = "python -m codegen" if options.proto else "make codegen"
    try:
        descriptors = compile_protos(root, sources)
        # The standard services are released by others.
        judged = descriptors if options.proto else compile_protos(root, [_CONTRACT])
        verdict = judge(root, sources[0], judged)
        modules = generated_from(descriptors, sources, command)
        if not options.proto:
            described = compile_protos(root, [*sources, _TWIN])
            modules[PROTO_FILES] = proto_files_module(described.file)
    except (ProtocError, RefusalError, ReleaseError) as error:
        _print([str(error)], sys.stderr)
        return 1
    _print(verdict.notes(), sys.stdout)
    errors = verdict.errors(allowed=options.allow_breaking)
    if options.check:
        stale = [*reported(modules, options.output), *verdict.outdated()]
        errors += [f"{line}; run `{command}`" for line in stale]
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
    parser.add_argument(
        "--proto-root", type=Path, default=_ROOT / "proto", help="the folder that imports start in"
    )
    parser.add_argument(
        "--proto",
        type=Path,
        action="append",
        help="a file in that folder; can be given several times: the package of the first one is "
        "generated into the output itself, other packages into folders named after them",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=_ROOT / "src" / "mirastack_sdk" / "_gen",
        help="the folder of the generated package; the files of others in it stay",
    )
    return parser


def _in_root(source: Path, root: Path) -> Path:
    """Return a file's path in the root, even if it was given from elsewhere, as in a shell."""
    is_known = not source.is_absolute() and (root / source).is_file()
    if is_known or not source.resolve().is_relative_to(root.resolve()):
        return source
    return source.resolve().relative_to(root.resolve())


def _print(lines: Iterable[str], stream: TextIO) -> None:
    for line in lines:
        print(line, file=stream)


if __name__ == "__main__":
    sys.exit(main())
