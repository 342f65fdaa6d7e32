"""The released contract, kept in a file beside the proto.

The file is the JSON form of a FileDescriptorSet, which every protobuf library reads. Each field,
enum value and rpc has its own line, so a review shows one line for each changed fact. Comments,
positions and options that neither peers nor callers see are left out. `accepted` lists the breaking
changes since the release that were accepted with `--allow-breaking`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError

from codegen.compatibility.description import GOOGLE, default_json_name

_KEPT_OPTIONS = {"allowAlias", "deprecated", "mapEntry", "packed"}
_LEFT_OUT = {"options", "sourceCodeInfo"}


class ReleaseError(Exception):
    """The file of a released contract cannot be read; the text starts with its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A released contract, and the facts of the breaking changes that were accepted since."""

    descriptors: FileDescriptorSet
    accepted: tuple[str, ...] = ()


def release_path(source: Path) -> Path:
    """Return the path of the released contract of a proto file."""
    return source.with_suffix(".released.json")


def read_release(path: Path) -> Release | None:
    """Return the released contract, or None if there is no file; raises `ReleaseError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        content = json.loads(text)
        accepted = content.pop("accepted", [])
        descriptors = ParseDict(content, FileDescriptorSet())
    except (AttributeError, TypeError, ValueError, ParseError) as error:
        raise ReleaseError(
            f"{path}: this is not a released contract ({error}); restore it, or write it anew "
            "with `python -m codegen --release`"
        ) from error
    if not descriptors.file:
        raise ReleaseError(f"{path}: this is not a released contract, because it has no file")
    return Release(descriptors=descriptors, accepted=tuple(accepted))


def release_text(release: Release) -> str:
    """Return the text of the file; it depends on nothing but the facts of the contract."""
    files = [
        _facts(MessageToDict(file))
        for file in release.descriptors.file
        if not file.name.startswith(GOOGLE)
    ]
    accepted = {"accepted": list(release.accepted)} if release.accepted else {}
    return _json(accepted | {"file": files}) + "\n"


def _facts(value: object) -> object:
    """Return the JSON of a descriptor without what peers and callers do not see."""
    if isinstance(value, list):
        return [_facts(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _facts(item) for key, item in value.items() if key not in _LEFT_OUT}
    options = {key: item for key, item in value.get("options", {}).items() if key in _KEPT_OPTIONS}
    if "jsonName" in kept and kept["jsonName"] == default_json_name(str(kept["name"])):
        del kept["jsonName"]
    return kept | ({"options": options} if options else {})


def _json(value: object, indent: str = "") -> str:
    """Return JSON in which an object without objects of its own is one line."""
    inner = f"{indent}  "
    if isinstance(value, dict) and any(map(_is_nested, value.values())):
        items = [f"{inner}{json.dumps(key)}: {_json(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list) and _is_nested(value):
        return "[\n" + ",\n".join(inner + _json(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _is_nested(value: object) -> bool:
    return isinstance(value, list) and any(
        isinstance(item, dict) or _is_long(item) for item in value
    )


def _is_long(item: object) -> bool:
    return isinstance(item, str) and " " in item
