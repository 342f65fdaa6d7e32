"""A long text is cut, and the cut leaves no half of a secret, which no rule would recognise."""

import pytest

from mirastack_sdk._core.redaction.clean import clean

pytestmark = pytest.mark.contract(
    "From the documented API to the wire: no address, credential, path or traceback leaves"
)


def test_a_secret_at_the_cut_is_not_cut_in_two() -> None:
    """No rule would recognise half a secret."""
    for padding in range(3_950, 4_010):
        cleaned = clean("-----BEGIN KEY-----" + "x" * padding + "-----END KEY----- AKIAIOSFODNN7")
        assert "AKI" not in cleaned


@pytest.mark.parametrize("before", ["failed: ", ""])
@pytest.mark.parametrize("between", [" ", ">", '"', ")", ";", "|"])
def test_half_a_key_behind_a_long_address_is_not_shown(before: str, between: str) -> None:
    """The address becomes a short placeholder, which brings the cut into what is shown."""
    address = f"{before}https://backend.example/"
    for kept in range(1, 20):
        padding = 4_000 - len(address) - len(between) - kept
        cleaned = clean(f"{address}{'a' * padding}{between}AKIAIOSFODNN7EXAMPLE")
        assert "AK" not in cleaned
        assert len(cleaned) < 40


def test_a_known_secret_behind_a_long_traceback_is_not_cut_in_two() -> None:
    """Tracebacks are left out, which brings the end of the text that is read into what is shown."""
    frame, secret = '  File "/srv/agent.py", line 1, in run\n    go()\n', "correct-horse-battery"
    start = "Traceback (most recent call last):\n"
    frames = frame * ((64_000 - len(start)) // len(frame))
    for kept in range(1, len(secret)):
        end = "ValueError: ".rjust(64_000 - len(start + frames) - kept)
        cleaned = clean(start + frames + end + secret, lambda text: text.replace(secret, "[x]"))
        assert secret[:3] not in cleaned
