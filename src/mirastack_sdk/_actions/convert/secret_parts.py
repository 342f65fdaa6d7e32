"""The secret parts of parameters, which must not appear in errors."""

from collections.abc import Iterable, Iterator

from mirastack_sdk._actions.types.shapes import Shape, TypeShape
from mirastack_sdk._core.redaction.known_secrets import KnownSecrets

HIDDEN = "a value that is secret"
"""What an error shows in place of a secret value."""


def without_secrets(secrets: Iterable[str], sentences: Iterable[str]) -> list[str]:
    """The sentences without secrets, which the author's validators may have repeated in them."""
    known = KnownSecrets()
    known.learn(secrets)
    return [known.hide(sentence) for sentence in sentences]


def secret_texts(value: object, type_shape: TypeShape) -> Iterator[str]:
    """The text of each secret in a value that was read."""
    if type_shape.holds_secret(type_shape.root):
        yield from _secrets(value, type_shape.root, type_shape)


def _secrets(value: object, shape: Shape, type_shape: TypeShape) -> Iterator[str]:
    options = type_shape.options(shape)
    if shape.secret or any(option.secret for option in options):
        yield from _texts(value)
        return
    for option in options:
        for inner, part in _parts(value, option):
            yield from _secrets(inner, part, type_shape)


def _parts(value: object, shape: Shape) -> Iterator[tuple[object, Shape]]:
    """The keys, members and items of a value, each with its shape."""
    parts: list[tuple[object, Shape | None]] = []
    if isinstance(value, dict):
        parts += [(name, shape.keys) for name in value]
        for name, inner in value.items():
            member = shape.members.get(str(name))
            parts.append((inner, shape.additional if member is None else member.shape))
    elif isinstance(value, list):
        # Further items of a tuple have the shape of no position.
        rest = [shape.items] * max(0, len(value) - len(shape.prefix_items))
        parts += zip(value, [*shape.prefix_items, *rest], strict=False)
    return ((inner, part) for inner, part in parts if part is not None)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif value is not None:
        yield str(value)
