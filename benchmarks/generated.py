"""The contract's messages as google's compiler and betterproto generate them, for this run."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from benchmarks.errors import MeasurementError

REPOSITORY = Path(__file__).parent.parent

_PROTO = "mirastack/plugin/v1/plugin.proto"
_BETTERPROTO = "protoc-gen-python_betterproto"
_SECONDS = 60.0


def generate_google(folder: Path) -> None:
    """Write google's module below the folder."""
    _protoc([f"--python_out={folder}"], folder)


def google_module(folder: Path) -> ModuleType:
    """Import google's module from the folder into this process."""
    path = folder / _PROTO.replace(".proto", "_pb2.py")
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise MeasurementError(f"{path} cannot be imported")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generate_betterproto(folder: Path) -> None:
    """Write betterproto's package, with its own runtime, below the folder."""
    plugin = Path(sys.executable).with_name(_BETTERPROTO)
    if not plugin.exists():
        raise MeasurementError(f"{_BETTERPROTO} is not installed beside the interpreter")
    _protoc([f"--plugin={_BETTERPROTO}={plugin}", f"--python_betterproto_out={folder}"], folder)


def _protoc(options: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=proto", *options, _PROTO]
    result = subprocess.run(  # noqa: S603 - the command is our own
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if result.returncode != 0:
        raise MeasurementError(f"protoc has failed: {result.stderr.strip()}")
