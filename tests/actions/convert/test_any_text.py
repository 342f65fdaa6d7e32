"""Any text is converted or reported; nothing is raised."""

import json
import os
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from mirastack_sdk._actions.convert.arguments import convert_parameters
from mirastack_sdk._actions.convert.parameter_errors import MOST_SHOWN
from mirastack_sdk._actions.signature.action_parameters import Parameter
from mirastack_sdk._actions.signature.signatures import Signature
from mirastack_sdk._actions.types.adapters import TypedValue, typed_value
from mirastack_sdk.plugin import ParamSchema
from tests.actions.convert.bad_texts import BAD
from tests.actions.convert.good_texts import GOOD

EXAMPLES = int(os.environ.get("MIRASTACK_TEST_EXAMPLES", "200"))
KINDS: Sequence[object] = [kind for kind, _ in (*GOOD, *BAD)]
VALUES: Sequence[TypedValue] = [typed_value(kind) for kind in KINDS]

_WRITTEN = [text for cases in (*GOOD, *BAD) for text in cases[1]]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_NAMES = (
    "limit",
    "offset",
    "columns",
    "column",
    "values",
    "name",
    "level",
    "since",
    "labels",
    "a",
    "kind",
    "tricks",
    "host",
    "port",
)
_OBJECTS = st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=4)


TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(codec=None), max_size=30),
    st.text('0123456789+-.,:eETZPdhmsw"[]{} ', max_size=30),
    st.sampled_from(_WRITTEN),
    st.builds(lambda one, other: one[: len(one) // 2] + other, *[st.sampled_from(_WRITTEN)] * 2),
    _JSON.map(json.dumps),
    _OBJECTS.map(json.dumps),
    st.lists(_OBJECTS, max_size=3).map(json.dumps),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(value=st.sampled_from(VALUES), text=TEXTS)
def test_is_converted_or_reported(value: TypedValue, text: str) -> None:
    """There is a value, or one-line sentences that name the parameter."""
    schema = ParamSchema(value.shape.wire_type(value.shape.root))
    parameter = Parameter(name="x", argument="x", value=value, schema=schema)
    signature = Signature(description="", parameters={"x": parameter}, injected={}, output={})
    found = convert_parameters({"x": text}, signature, exact_names=True)
    assert found.errors or "x" in found.values
    for sentence in found.errors:
        assert sentence.startswith(("x", "and "))
        sentence.encode()
        assert len(sentence.splitlines()) == 1
        _, _, shown = sentence.partition(", got ")
        assert len(shown) <= MOST_SHOWN + len("; did you mean warning?")
