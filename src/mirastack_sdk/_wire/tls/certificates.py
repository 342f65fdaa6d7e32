"""A certificate's validity and names.

Python has no public function that reads the dates of a certificate file, so the few DER elements
in front of them are parsed here.
"""

import base64
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from mirastack_sdk._deferred.named_tuples import NamedTuple
from mirastack_sdk._deferred.patterns import deferred_pattern

_PEM = deferred_pattern(
    r"-----BEGIN CERTIFICATE-----\s*(?P<body>[A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----"
)
# DER tags (X.690 §8.1.2).
_SEQUENCE, _VERSION = 0x30, 0xA0
# UTCTime has two digits of the year, GeneralizedTime four (RFC 5280 §4.1.2.5).
_TIME_FORMATS = {0x17: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}
# The alternative names (RFC 5280 §4.2.1.6) that identify a client, as `getpeercert` calls them.
_ALTERNATIVES = frozenset({"DNS", "URI", "IP Address"})
_MAX_SHOWN = 5


class Validity(NamedTuple):
    """The period in which a certificate is valid, in seconds since 1970."""

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
    """Read TBSCertificate up to its validity (RFC 5280 §4.1)."""
    certificate = _enter(data, 0, _SEQUENCE)
    position = _enter(data, certificate, _SEQUENCE)
    if data[position] == _VERSION:
        position = _behind(data, position)
    for _ in ("serial number", "signature algorithm", "issuer"):
        position = _behind(data, position)
    begins = _enter(data, position, _SEQUENCE)
    return Validity(_time(data, begins), _time(data, _behind(data, begins)))


def _header(data: bytes, position: int) -> tuple[int, int]:
    """Return where an element's content begins, and its length (X.690 §8.1.3)."""
    length, start = data[position + 1], position + 2
    if length < 0x80:
        return start, length
    size = length & 0x7F
    return start + size, int.from_bytes(data[start : start + size])


def _enter(data: bytes, position: int, tag: int) -> int:
    if data[position] != tag:
        raise ValueError(f"expected a DER element with tag {tag}")
    return _header(data, position)[0]


def _behind(data: bytes, position: int) -> int:
    start, length = _header(data, position)
    return start + length


def _time(data: bytes, position: int) -> float:
    form = _TIME_FORMATS.get(data[position], "not a time")
    start, length = _header(data, position)
    text = data[start : start + length].decode("ascii", "replace")
    return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()


def names_in(certificate: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names in a certificate as `SSLObject.getpeercert` returns it, without duplicates.

    First the alternative names that are DNS names, URIs or IP addresses, then the common names.
    """
    alternatives = _pairs(certificate.get("subjectAltName"))
    subject = _pairs(certificate.get("subject"))
    names = [value for kind, value in alternatives if kind in _ALTERNATIVES]
    names += [value for kind, value in subject if kind == "commonName"]
    return tuple(dict.fromkeys(names))


def is_among(names: Collection[str], allowed: Collection[str]) -> bool:
    """Whether one of a certificate's names is allowed; no name is a pattern."""
    return not {_comparable(name) for name in names}.isdisjoint(map(_comparable, allowed))


def shown(names: Collection[str]) -> str:
    """Return names for a sentence: the first few, escaped, since a peer chooses them."""
    first = [ascii(name)[1:-1] for name in list(names)[:_MAX_SHOWN]]
    more = len(names) - len(first)
    return (", ".join(first) or "nobody") + (f" and {more} more" if more else "")


def _comparable(name: str) -> str:
    """Host names are case-insensitive, URIs are not."""
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
