"""The generator of the golden fixtures: `python -m tests.golden.make_fixtures`. Needs Go.

`data/contract.json` is the contract of which they are the fixtures, so they stay valid when fields
are added to it.
"""

import json
import struct
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

from codegen.compatibility.release import Release, release_text
from codegen.protoc import compile_proto
from tests.golden.cases import FOLDER, KINDS, Case, all_cases, google_message, kinds_cases
from tests.golden.go_structs import go_source
from tests.golden.google import CONTRACT, google_classes
from tests.wire.codec.fuzz.mutations import mutated_json, seeded

_GO = FOLDER / "go"
_MUTATED = 800
_LONGEST_SEED = 300
_FLOATS = 500


def main() -> None:
    """Generate all fixtures."""
    contract = compile_proto(*CONTRACT)
    text = release_text(Release(descriptors=FileDescriptorSet(file=[contract])))
    (FOLDER / "data" / "contract.json").write_text(text, encoding="utf-8")
    contract_classes, kinds = google_classes(*CONTRACT), google_classes(*KINDS)
    _write_structs({**contract_classes, **kinds})
    _save("messages.json", _messages(contract_classes, all_cases(contract_classes)))
    _save("kinds.json", _messages(kinds, kinds_cases()))
    _save("readings.json", _readings(all_cases(contract_classes)))
    _save("floats.json", _ask("floats", _floats()))


def _write_structs(classes: Mapping[str, type[Message]]) -> None:
    for package, option in (("omitempty", ",omitempty"), ("plain", "")):
        path = _GO / package / "structs.go"
        path.write_text(go_source(classes, package, option), encoding="utf-8")
    _run("gofmt", "-w", "omitempty", "plain")


def _messages(
    classes: Mapping[str, type[Message]], cases: Sequence[Case]
) -> list[dict[str, object]]:
    written = _ask("write", [asdict(case) for case in cases])
    return [
        {
            **asdict(case),
            "protobuf": google_message(classes[case.message], case.value)
            .SerializeToString(deterministic=True)
            .hex(),
            "go": b64decode(go["omitempty"]).decode(),
            "go_plain": b64decode(go["plain"]).decode(),
        }
        for case, go in zip(cases, written, strict=True)
    ]


def _readings(cases: Sequence[Case]) -> list[dict[str, str]]:
    agreed = json.loads((FOLDER / "inputs.json").read_text(encoding="utf-8"))["agreed"]
    inputs = [(message, data.encode()) for message, texts in agreed.items() for data in texts]
    values = [(case.message, json.dumps(case.value).encode()) for case in cases]
    seeds = [(name, data) for name, data in values if 2 < len(data) <= _LONGEST_SEED]
    inputs += mutated_json(seeded(2), seeds, _MUTATED)
    return _ask(
        "read", [{"message": name, "data": b64encode(data).decode()} for name, data in inputs]
    )


def _floats() -> list[dict[str, float]]:
    generator = seeded(3)
    numbers = [10.0**exponent for exponent in range(-44, 39)]
    while len(numbers) < _FLOATS:
        (number,) = struct.unpack("<f", generator.randbytes(4))
        if abs(number) <= 3.4e38:
            numbers.append(number)
    return [{"float32": number, "float64": number * 1.1} for number in numbers]


def _ask(command: str, inputs: Sequence[object]) -> list[dict[str, str]]:
    answer = _run("go", "run", ".", command, stdin=json.dumps(inputs))
    outputs: list[dict[str, str]] = json.loads(answer)
    return outputs


def _run(*command: str, stdin: str = "") -> str:
    return subprocess.run(
        command, cwd=_GO, input=stdin, capture_output=True, text=True, check=True
    ).stdout


def _save(name: str, content: Sequence[object]) -> None:
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in content)
    Path(FOLDER / "data" / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
