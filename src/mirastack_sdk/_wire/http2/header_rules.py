"""The rules for well-formed header lists (RFC 9113 §8.2 and §8.3), as tables."""

import re
from collections.abc import Container

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._deferred.patterns import deferred_pattern
from mirastack_sdk._wire.http2.events import Headers

# §8.2.1, and the token of RFC 9110 §5.6.2 in lower case.
_NAME = deferred_pattern(r":?[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = deferred_pattern(r"[\0\r\n]|\A[ \t]|[ \t]\Z")
# §8.2.2: headers of HTTP/1.1 connections.
_CONNECTION_SPECIFIC = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
)
# Responses without content, whatever their content-length says (§8.1.1, RFC 9110 §6.4.1).
_WITHOUT_CONTENT = frozenset({"204", "304"})


class HeaderRules(NamedTuple):
    """The pseudo-headers that a header list must have, and may have."""

    required: frozenset[str]
    allowed: frozenset[str]


# §8.3.1, §8.3.2 and §8.1
REQUEST = HeaderRules(
    frozenset({":method", ":scheme", ":path"}),
    frozenset({":method", ":scheme", ":path", ":authority"}),
)
RESPONSE = HeaderRules(frozenset({":status"}), frozenset({":status"}))
TRAILERS = HeaderRules(frozenset(), frozenset())


class Meaning(NamedTuple):
    """What well-formed headers say: the body's length, and whether it is a sequence of messages.

    Those that are informational announce the response, and say nothing of its body.
    """

    length: int | None
    is_sequence: bool
    is_informational: bool


def meaning_of(headers: Headers, rules: HeaderRules, sequences: Container[str]) -> Meaning:
    """Return what headers say; raises `ValueError` with the reason if they are malformed.

    `sequences` are the paths whose requests are sequences of messages.
    """
    error = malformed(headers, rules)
    if error is not None:
        raise ValueError(error)
    length, fields = content_length(headers), dict(headers)
    is_sequence = rules is REQUEST and fields[":path"] in sequences
    return Meaning(length, is_sequence, rules is RESPONSE and fields[":status"][0] == "1")


def malformed(headers: Headers, rules: HeaderRules) -> str | None:
    """Return why a header list is malformed, or `None` if it is not."""
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
                return f"{name}: {value} is not allowed in HTTP/2"
            continue
        error = _malformed_pseudo(name, value, seen, rules, late=regular)
        if error is not None:
            return error
        seen.add(name)
    missing = rules.required - seen
    return f"{min(missing)} is missing" if missing else None


def _malformed_pseudo(
    name: str, value: str, seen: set[str], rules: HeaderRules, *, late: bool
) -> str | None:
    if name not in rules.allowed:
        return f"{name} is not allowed here"
    if name in seen:
        return f"{name} is there twice"
    if late:
        return f"{name} comes after other headers"
    if name == ":path" and not value:
        return ":path is empty"
    if name == ":status" and re.fullmatch("[1-5][0-9][0-9]", value) is None:
        return f":status is {value!r}"
    return None


def content_length(headers: Headers) -> int | None:
    """Return the value of content-length, or `None`; raises `ValueError` if it is malformed."""
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
