"""The declarations of the sample signatures as JSON; run it to rewrite `signatures.json`.

`python -m tests.actions.signature.golden` from the repository's root.
"""

import inspect
import json
from dataclasses import asdict
from pathlib import Path

from mirastack_sdk._actions.catalog import AgentFunctions, read_catalog
from mirastack_sdk._actions.options import ActionFunction
from mirastack_sdk.plugin import ParamSchema
from tests.actions.signature import documented_signatures, nested_signatures, scalar_signatures

PINNED = Path(__file__).parent / "signatures.json"

_MODULES = (scalar_signatures, nested_signatures, documented_signatures)


def functions() -> dict[str, object]:
    """All sample functions by name."""
    return {
        name: found
        for module in _MODULES
        for name, found in vars(module).items()
        if inspect.isfunction(found) and found.__module__ == module.__name__
    }


def described(name: str) -> dict[str, object]:
    """The declaration of one function, without empty values."""
    function = functions()[name]
    assert callable(function)
    catalog = read_catalog(AgentFunctions(actions=[ActionFunction(function=function, options={})]))
    assert not catalog.errors, catalog.errors
    action = catalog.actions[name].action
    return {
        "description": action.description,
        "input": {name: _written(found) for name, found in action.input_params.items()},
        "output": {name: _written(found) for name, found in action.output_params.items()},
    }


def _written(schema: ParamSchema) -> dict[str, object]:
    said = asdict(schema)
    return {key: value for key, value in said.items() if value or key == "required"}


if __name__ == "__main__":
    found = {name: described(name) for name in functions()}
    text = json.dumps(found, indent=2, ensure_ascii=False)
    PINNED.write_text(f"{text}\n", encoding="utf-8")
