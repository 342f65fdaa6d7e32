"""The Go program with the structs that protoc-gen-go generates from the engine's proto."""

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.golden.google import PROTOS

_PROTOS = ("engine/v1/engine.proto", "engine/v1/ids.proto", "common/v1/types.proto")
_GOCODE = Path("/usr/share/gocode")
_BUILD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class GoProgram:
    """The built program."""

    path: Path

    def write(self, messages: Iterable[tuple[str, bytes]]) -> list[bytes | None]:
        """Return the JSON that Go writes for messages in protobuf, or None where it refuses."""
        answers = self._ask({"message": name, "protobuf": _text(data)} for name, data in messages)
        return [_bytes(answer, "json") for answer in answers]

    def read(self, messages: Iterable[tuple[str, bytes]]) -> list[bytes | None]:
        """Return messages in protobuf that Go reads from JSON, or None where it refuses."""
        answers = self._ask({"message": name, "json": _text(data)} for name, data in messages)
        return [_bytes(answer, "protobuf") for answer in answers]

    def _ask(self, questions: Iterable[dict[str, str]]) -> list[dict[str, str | None]]:
        given = "\n".join(json.dumps(question) for question in questions)
        output = subprocess.run(
            [self.path], input=given, capture_output=True, text=True, check=True
        ).stdout
        return [json.loads(line) for line in output.splitlines()]


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(answer: dict[str, str | None], form: str) -> bytes | None:
    return None if answer["error"] else b64decode(answer[form] or "")


@cache
def built(folder: Path) -> GoProgram:
    """Return the program, built in a folder; skips the test where it cannot be built."""
    go = shutil.which("go")
    source = _GOCODE / "src" / "google.golang.org" / "protobuf"
    if go is None or not source.is_dir():
        pytest.skip("golang-go or golang-google-protobuf-dev is not installed")
    plugin = folder / "protoc-gen-go"
    _run([go, "build", "-o", str(plugin), "google.golang.org/protobuf/cmd/protoc-gen-go"], folder)
    sources = folder / "src"
    sources.mkdir()
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=."]
    options = [f"--plugin=protoc-gen-go={plugin}", f"--go_out={sources}"]
    _run([*protoc, *options, *_PROTOS], folder, PROTOS)
    program = folder / "go_json"
    main = Path(__file__).parent / "main.go"
    _run([go, "build", "-o", str(program), str(main)], folder)
    return GoProgram(program)


def _run(command: list[str], folder: Path, where: Path | None = None) -> None:
    environment = {"GO111MODULE": "off", "GOFLAGS": "", "GOPATH": f"{folder}:{_GOCODE}"}
    result = subprocess.run(
        command,
        cwd=where,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    assert result.returncode == 0, result.stderr
