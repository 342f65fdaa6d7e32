"""Facts about a certificate: how long it is valid and whom it names."""

import base64
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----\s*(?P<body>[A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----"
)
_SEQUENCE, _VERSION = 0x30, 0xA0
# UTCTime has two digits of the year, GeneralizedTime four (RFC 5280, section 4.1.2.5).
_TIME_FORMATS = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


class Validity(NamedTuple):
    """When a certificate begins and ceases to hold, both in seconds since 1970."""

    begins: float
    ends: float


def validity_in(pem: str) -> Validity:
    """Return the validity of the first certificate in a PEM text; `ValueError` if there is none."""
    found = _PEM.search(pem)
    if found is None:
        raise ValueError("there is no certificate in it")
    try:
        data = base64.b64decode("".join(found["body"].split()), validate=True)
        return _validity(data)
    except (ValueError, IndexError) as error:
        raise ValueError("the certificate in it is damaged") from error


def _validity(data: bytes) -> Validity:
    certificate = _enter(data, 0, _SEQUENCE)
    position = _enter(data, certificate, _SEQUENCE)
    if data[position] == _VERSION:
        position = _behind(data, position)
    for _ in ("serial number", "signature algorithm", "issuer"):
        position = _behind(data, position)
    begins = _enter(data, position, _SEQUENCE)
    return Validity(_time(data, begins), _time(data, _behind(data, begins)))


def _header(data: bytes, position: int) -> tuple[int, int]:
    """Return where an element's content begins, and its length."""
    length, start = data[position + 1], position + 2
    if length < 0x80:
        return start, length
    size = length & 0x7F
    return start + size, int.from_bytes(data[start : start + size])


def _enter(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise ValueError(f"no element of kind {tag}")
    return _header(data, position)[0]


def _behind(data: bytes, position: int) -> int:
    start, length = _header(data, position)
    return start + length


def _time(data: bytes, position: int) -> float:
    form = _TIME_FORMATS.get(data[position], "no time")
    start, length = _header(data, position)
    text = data[start : start + length].decode("ascii", "replace")
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


_ALTERNATIVES = frozenset({"DNS", "URI", "IP Address"})
_SHOWN = 5


def names_in(certificate: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names in a certificate as `SSLObject.getpeercert` gives it, each once.

    They are its alternative names, of which DNS names, URIs and IP addresses count, then its common
    names.
    """
    alternatives = _pairs(certificate.get("subjectAltName"))
    subject = _pairs(certificate.get("subject"))
    names = [value for kind, value in alternatives if kind in _ALTERNATIVES]
    names += [value for kind, value in subject if kind == "commonName"]
    return tuple(dict.fromkeys(names))


def is_among(names: Collection[str], allowed: Collection[str]) -> bool:
    """Whether one of a certificate's names is allowed, as it stands: no name is a pattern."""
    return not {_comparable(name) for name in names}.isdisjoint(map(_comparable, allowed))


def shown(names: Collection[str]) -> str:
    """Return names for a sentence; a certificate may hold thousands, of any characters."""
    first = [ascii(name)[1:-1] for name in list(names)[:_SHOWN]]
    more = len(names) - len(first)
    return (", ".join(first) or "nobody") + (f" and {more} more" if more else "")


def _comparable(name: str) -> str:
    """Names of hosts are the same in upper and lower case, URIs are not."""
    return name if "://" in name else name.lower()


def _pairs(entry: object) -> Iterator[tuple[str, str]]:
    match entry:
        case (str(kind), str(value)):
            yield kind, value
        case tuple():
            for part in entry:
                yield from _pairs(part)
        case _:
            return
