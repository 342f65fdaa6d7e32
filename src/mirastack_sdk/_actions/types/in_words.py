"""The text that describes a shape to a language model."""

from collections.abc import Iterator, Mapping

from mirastack_sdk._actions.types.shapes import Choice, Member, Shape, TypeShape
from mirastack_sdk._text import compact_json

FORMATS: Mapping[str, str] = {
    "date-time": "date and time such as 2026-04-08T12:00:00Z",
    "naive-date-time": "date and time without an offset, such as 2026-04-08T12:00:00",
    "date": "date such as 2026-04-08",
    "time": "time such as 12:00:00",
    "duration": "duration such as 5m, 1h30m or PT5M",
    "iso-duration": "duration such as PT5M",
    "uuid": "UUID",
    **{f"uuid{version}": f"UUID of version {version}" for version in range(1, 9)},
    "binary": "base64",
    "base64": "base64",
    "base64url": "base64url",
    "uri": "URL",
    "multi-host-uri": "URL",
    "json": "JSON",
    "path": "path",
    "file-path": "path of an existing file",
    "directory-path": "path of an existing directory",
    "fraction": "fraction such as 1/3 or 0.25",
    "complex": "complex number such as 1+2j",
    "byte-size": "number of bytes such as 1024, 10MB or 1.5GiB",
    "hex": "hexadecimal",
    "regex": "regular expression",
    "email": "e-mail address",
    "ipv4": "IPv4 address",
    "ipv6": "IPv6 address",
    "ipv4network": "IPv4 network such as 10.0.0.0/8",
    "ipv6network": "IPv6 network such as fd00::/8",
    "ipv4interface": "IPv4 address and prefix such as 10.0.0.1/8",
    "ipv6interface": "IPv6 address and prefix such as fd00::1/8",
    "ipvanyaddress": "IP address",
    "ipvanynetwork": "IP network such as 10.0.0.0/8",
    "ipvanyinterface": "IP address and prefix such as 10.0.0.1/8",
    "decimal": "",
    "password": "",
}
"""The words for each format of a string."""

_MOST_DEPTH = 6


def in_words(shape: Shape, type_shape: TypeShape) -> str:
    """One line that describes the values of a shape: `array of object {service: string}`."""
    return _Writer(type_shape).text(shape)


class _Writer:
    """Writes one text; a recursive type is written once, and then only its name."""

    def __init__(self, type_shape: TypeShape) -> None:
        self._type_shape = type_shape
        self._open: list[str] = []

    def text(self, shape: Shape) -> str:
        written = self._written(shape)
        if not self._type_shape.is_nullable(shape):
            return written
        alternative = "|" if self._type_shape.resolve(shape).kind == "choice" else "or"
        return f"{written} {alternative} null"

    def _written(self, shape: Shape) -> str:
        match shape.kind:
            case "reference":
                written = self._named(shape.target)
            case "choice":
                written = " | ".join(map(_choice, shape.choices))
            case "union":
                return " or ".join(self._written(option) for option in shape.options)
            case "array":
                written = self._array(shape)
            case "object":
                written = self._object(shape)
            case _:
                written = "any JSON" if shape.kind == "any" else shape.kind
        limits = [self._format(shape), *shape.limits]
        listed = ", ".join(limit for limit in limits if limit)
        return f"{written} ({listed})" if listed else written

    def _format(self, shape: Shape) -> str:
        if shape.format == "json" and shape.items is not None and shape.items.kind != "any":
            return f"JSON: {self.text(shape.items)}"
        return FORMATS.get(shape.format, shape.format)

    def _named(self, name: str) -> str:
        shape = self._type_shape.named[name]
        if name in self._open:
            return name
        self._open.append(name)
        try:
            written = self._written(shape)
        finally:
            self._open.pop()
        if (shape.kind == "object" or shape.members) and _refers_to(shape, name, self._type_shape):
            return written.replace(shape.kind, f"{shape.kind} {name}", 1)
        return written

    def _array(self, shape: Shape) -> str:
        if shape.members:
            return f"array [{', '.join(self._members(shape))}]"
        if shape.prefix_items:
            return f"array [{', '.join(self.text(item) for item in shape.prefix_items)}]"
        if shape.items is None or shape.items.kind == "any":
            return "array"
        item = self.text(shape.items)
        return f"array of ({item})" if self._is_several(shape.items) else f"array of {item}"

    def _is_several(self, shape: Shape) -> bool:
        found = self._type_shape.resolve(shape)
        return (
            self._type_shape.is_nullable(shape) or found.kind == "union" or len(found.choices) > 1
        )

    def _object(self, shape: Shape) -> str:
        if len(self._open) > _MOST_DEPTH:
            return "object"
        members = list(self._members(shape))
        if shape.additional is not None and (members or shape.additional.kind != "any"):
            members.append(f"[{self._key(shape)}]: {self.text(shape.additional)}")
        return f"object {{{', '.join(members)}}}" if members else "object"

    def _key(self, shape: Shape) -> str:
        written = "string" if shape.keys is None else self.text(shape.keys)
        return "name" if written in {"string", "any JSON"} else written

    def _members(self, shape: Shape) -> Iterator[str]:
        for name, member in shape.members.items():
            yield self._member(name, member)

    def _member(self, name: str, member: Member) -> str:
        mark = "" if member.required else "?"
        default = f" = {member.default}" if member.default not in {"", "null"} else ""
        text = f" ({member.description})" if member.description else ""
        return f"{name}{mark}: {self.text(member.shape)}{default}{text}"


def _choice(choice: Choice) -> str:
    """A value, with the member's name if the value is not text: `1 (LOW)`."""
    text = compact_json(choice.value)
    return text if isinstance(choice.value, str) or not choice.name else f"{text} ({choice.name})"


def _refers_to(
    shape: Shape, name: str, type_shape: TypeShape, seen: frozenset[str] = frozenset()
) -> bool:
    """Whether a shape contains a reference to the type `name`."""
    if shape.kind == "reference":
        if shape.target == name:
            return True
        if shape.target in seen:
            return False
        return _refers_to(type_shape.named[shape.target], name, type_shape, seen | {shape.target})
    parts = [
        *shape.prefix_items,
        *shape.options,
        *(member.shape for member in shape.members.values()),
    ]
    parts += [part for part in (shape.items, shape.additional, shape.keys) if part is not None]
    return any(_refers_to(part, name, type_shape, seen) for part in parts)
