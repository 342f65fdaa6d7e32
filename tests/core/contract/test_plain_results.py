"""The results that are checked and written in one pass, and those that are not."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mirastack_sdk._core.contract.execute_messages import checked_response, result_json
from mirastack_sdk._core.contract.plain_results import plain_result
from mirastack_sdk.plugin import ExecuteResponse

LIMIT = 10_000


def long_way(response: ExecuteResponse) -> bytes:
    """The result that the way of every other response writes."""
    return result_json(checked_response(response, LIMIT), None)


@given(
    st.dictionaries(st.text(st.characters(codec="ascii")), st.text(st.characters(codec="ascii")))
)
def test_a_result_in_ascii_is_what_json_makes_of_it(output: dict[str, str]) -> None:
    """The faster path for ASCII writes exactly the bytes of json's encoder, or nothing."""
    expected = json.dumps(output, ensure_ascii=False, separators=(",", ":")).encode()
    written = None if b"\x7f" in expected else expected
    assert plain_result(ExecuteResponse(output), LIMIT) == written


@given(
    st.dictionaries(st.text() | st.integers(), st.text() | st.none()),
    st.lists(st.text(), max_size=1) | st.none(),
    st.none() | st.binary(),
)
def test_the_quick_way_writes_what_the_long_way_does(
    output: dict[str, str], logs: list[str], own: bytes | None
) -> None:
    """A response that is written in one pass is a valid one, with the same result."""
    response = ExecuteResponse(output, logs, result_json=own)
    written = plain_result(response, LIMIT)
    assert written in {None, long_way(response) if written else None}


def test_the_quick_way_leaves_whatever_is_not_plain() -> None:
    """Logs, other types and sizes take the long way, which says what is wrong with them."""
    incomplete = ExecuteResponse({"result": "[]"})
    del incomplete.logs
    assert plain_result(incomplete, LIMIT) is None
    assert plain_result(ExecuteResponse({"result": "[]"}, ["a line"]), LIMIT) is None
    assert plain_result(ExecuteResponse({"result": "x" * LIMIT}), LIMIT) is None
    assert plain_result(ExecuteResponse({"result": "\n" * (LIMIT - 100)}), LIMIT) is None
    assert plain_result(ExecuteResponse({"result": "é"}), LIMIT) is None
    assert plain_result({"result": "[]"}, LIMIT) is None
