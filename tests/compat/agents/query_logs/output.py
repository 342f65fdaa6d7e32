"""What the agent adds to a backend's answer."""

import json
from typing import Any

MAX_RESULT_LEN = 32000


def enrich_output(action: str, result: Any) -> dict[str, str]:
    """Return the result as text, and what a model should know of it."""
    text = json.dumps(result)
    return {
        "action": action,
        "result": text[:MAX_RESULT_LEN],
        "truncated": "true" if len(text) > MAX_RESULT_LEN else "false",
        "result_count": str(len(result)),
    }
