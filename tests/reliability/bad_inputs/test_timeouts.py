"""Valid and invalid values of the grpc-timeout header."""

import pytest

from tests.reliability.bad_inputs.cases import BadInput, Refused, Reset, Served, each_of, meet
from tests.reliability.bad_inputs.requests import call, execute

LONG = [
    BadInput(text, "There is time enough", call(None, {"grpc-timeout": text}), Served())
    for text in ("1H", "99999999H", "5M", "30S", "30000m", "30000000u", "00000030S", "99999999n")
]
SHORT = [
    BadInput(
        text,
        "A call ends when its caller gives up",
        call(execute("wait"), {"grpc-timeout": text}),
        Refused(4, "deadline"),
    )
    for text in ("0H", "0S", "0n", "1n", "1u", "1m", "20m", "00000000S")
]
MALFORMED = [
    BadInput(
        repr(text),
        "gRPC has at most eight digits, and six units",
        call(None, {"grpc-timeout": text}),
        Refused(13, "grpc-timeout"),
    )
    for text in (
        "",
        "S",
        "1",
        "1s",
        "1h",
        "1d",
        "1 S",
        "1SS",
        "-1S",
        "+1S",
        "1.5S",
        "1e3S",
        "0x1S",
        "1_0S",
        "NaNS",
        "infS",
        "123456789S",
        "9" * 1000 + "S",
        "1S,2S",
        "\xb2S",
        "1ms",
    )
]
TWICE = [
    BadInput(
        "behind a space",
        "A header's value has no space around it",
        call(None, {"grpc-timeout": " 1S"}),
        Reset(),
    ),
]


@each_of(LONG + SHORT + MALFORMED + TWICE)
async def test_a_timeout(case: BadInput, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit is understood; an invalid timeout is refused before the author's code runs."""
    await meet(case, monkeypatch)
