"""The command `python -m codegen [--check]`."""

import argparse
import sys
from pathlib import Path

from codegen.construct import RefusalError
from codegen.generate import differing, generate, write
from codegen.protoc import ProtocError

_ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Generate, or check, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a generated file differs"
    )
    parser.add_argument("--proto-root", type=Path, default=_ROOT / "proto")
    parser.add_argument("--proto", type=Path, default=Path("mirastack/plugin/v1/plugin.proto"))
    parser.add_argument("--output", type=Path, default=_ROOT / "src" / "mirastack_sdk" / "_gen")
    options = parser.parse_args(arguments)
    try:
        modules = generate(options.proto_root, options.proto)
    except (ProtocError, RefusalError) as error:
        print(error, file=sys.stderr)  # noqa: T201  # a command's output
        return 1
    if not options.check:
        write(modules, options.output)
        return 0
    stale = differing(modules, options.output)
    for path, reason in stale:
        print(f"{path}: {reason}; run `make codegen`", file=sys.stderr)  # noqa: T201  # as above
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
