"""JSON as people read and compare it: short parts in one line, longer ones in several."""

import json

_WIDTH = 96
_STEP = "  "
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "))


def layout(value: object) -> str:
    """`value` as JSON text; what fits on a line is on one line."""
    parts: list[str] = []
    _write(value, "", 0, parts)
    parts.append("\n")
    return "".join(parts)


def _write(value: object, indent: str, used: int, parts: list[str]) -> None:
    flat = _ENCODER.encode(value)
    is_container = isinstance(value, (dict, list)) and value
    fits = len(indent) + used + len(flat) <= _WIDTH
    if not is_container or (fits and not _has_objects(value)):
        parts.append(flat)
        return
    inner = indent + _STEP
    separator = f"\n{inner}"
    if isinstance(value, dict):
        parts.append("{")
        for name, item in value.items():
            key = f"{_ENCODER.encode(name)}: "
            parts += (separator, key)
            _write(item, inner, len(key), parts)
            separator = f",\n{inner}"
        parts.append(f"\n{indent}}}")
    elif isinstance(value, list):
        parts.append("[")
        for item in value:
            parts.append(separator)
            _write(item, inner, 0, parts)
            separator = f",\n{inner}"
        parts.append(f"\n{indent}]")


def _has_objects(value: object) -> bool:
    """Whether it is nested: such values are easier to compare in lines of their own."""
    match value:
        case dict():
            return any(isinstance(item, dict) and item for item in value.values())
        case list():
            return any(isinstance(item, dict) and item for item in value)
        case _:
            return False
