"""Whom a certificate is for, and whether that is somebody who may call."""

from collections.abc import Collection, Iterator, Mapping

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
