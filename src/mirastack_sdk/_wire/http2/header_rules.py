"""Which header lists are well-formed (RFC 9113 sections 8.2 and 8.3), as tables."""

import re
from typing import NamedTuple

from mirastack_sdk._wire.http2.events import Headers

_NAME = re.compile(r":?[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = re.compile(r"[\0\r\n]|\A[ \t]|[ \t]\Z")
# Sections 8.2.2: they belong to HTTP/1.1 connections.
_CONNECTION_SPECIFIC = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
)
# Responses whose content-length is that of what they leave out.
_WITHOUT_CONTENT = frozenset({"204", "304"})


class HeaderRules(NamedTuple):
    """Which pseudo-headers a header list must have, and may have besides."""

    required: frozenset[str]
    allowed: frozenset[str]


REQUEST = HeaderRules(
    frozenset({":method", ":scheme", ":path"}),
    frozenset({":method", ":scheme", ":path", ":authority"}),
)
RESPONSE = HeaderRules(frozenset({":status"}), frozenset({":status"}))
TRAILERS = HeaderRules(frozenset(), frozenset())


def violation(headers: Headers, rules: HeaderRules) -> str | None:
    """Say which rule a header list breaks, or return `None`."""
    seen: set[str] = set()
    regular = False
    for name, value in headers:
        if _NAME.fullmatch(name) is None:
            return f"the header name {name!r} is not a lower-case token"
        if _BAD_VALUE.search(value):
            return f"the value of {name} has a forbidden character"
        if name[0] != ":":
            regular = True
            if name in _CONNECTION_SPECIFIC or (name == "te" and value != "trailers"):
                return f"{name}: {value} does not belong into HTTP/2"
            continue
        problem = _pseudo_violation(name, value, seen, rules, late=regular)
        if problem is not None:
            return problem
        seen.add(name)
    missing = rules.required - seen
    return f"{min(missing)} is missing" if missing else None


def _pseudo_violation(
    name: str, value: str, seen: set[str], rules: HeaderRules, *, late: bool
) -> str | None:
    if name not in rules.allowed:
        return f"{name} has no place here"
    if name in seen:
        return f"{name} is there twice"
    if late:
        return f"{name} stands behind other headers"
    if name == ":path" and not value:
        return ":path is empty"
    if name == ":status" and re.fullmatch("[1-5][0-9][0-9]", value) is None:
        return f":status is {value!r}"
    return None


def content_length(headers: Headers) -> int | None:
    """Return the length of the body that a header list promises; `ValueError` when it is none."""
    lengths = {value for name, value in headers if name == "content-length"}
    if not lengths:
        return None
    if len(lengths) > 1:
        raise ValueError("content-length has several values")
    (length,) = lengths
    if re.fullmatch("[0-9]{1,18}", length) is None:
        raise ValueError(f"content-length is {length!r}")
    if any(name == ":status" and value in _WITHOUT_CONTENT for name, value in headers):
        return None
    return int(length)
