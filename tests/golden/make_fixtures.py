"""The generator of the golden fixtures: `python -m tests.golden.make_fixtures`. Needs Go."""

import json
import struct
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.golden.cases import FOLDER, all_cases, google_message
from tests.golden.go_structs import go_source
from tests.golden.google import CONTRACT, google_classes
from tests.wire.codec.fuzz.mutations import mutated_json, seeded

_GO = FOLDER / "go"
_MUTATED = 800
_LONGEST_SEED = 300
_FLOATS = 500


def main() -> None:
    """Generate all fixtures."""
    for package, option in (("omitempty", ",omitempty"), ("plain", "")):
        path = _GO / package / "structs.go"
        path.write_text(go_source(package, option), encoding="utf-8")
    _run("gofmt", "-w", "omitempty", "plain")
    _save("messages.json", _messages())
    _save("readings.json", _readings())
    _save("floats.json", _ask("floats", _floats()))


def _messages() -> list[dict[str, object]]:
    cases = all_cases()
    classes = google_classes(*CONTRACT)
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


def _readings() -> list[dict[str, str]]:
    agreed = json.loads((FOLDER / "inputs.json").read_text(encoding="utf-8"))["agreed"]
    inputs = [(message, data.encode()) for message, texts in agreed.items() for data in texts]
    values = [(case.message, json.dumps(case.value).encode()) for case in all_cases()]
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
