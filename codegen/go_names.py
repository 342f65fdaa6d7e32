"""The names that protoc-gen-go gives fields and oneofs, which encoding/json writes for oneofs.

As in google.golang.org/protobuf: `GoCamelCase` in internal/strs, `newMessage` in compiler/protogen.
"""

from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import DescriptorProto

_METHODS = (
    *("Reset", "String", "ProtoMessage", "Marshal", "Unmarshal", "ExtensionRangeArray"),
    *("ExtensionMap", "Descriptor"),
)


@dataclass(frozen=True, slots=True)
class GoNames:
    """The names in Go by those in proto."""

    fields: dict[str, str]
    oneofs: dict[str, str]


def go_camel_case(name: str) -> str:
    """Return a name as Go writes it: each word starts with a capital, and follows its underscore.

    A digit starts no word, so the underscore before it stays.
    """
    text = ""
    for index, character in enumerate(name):
        following = name[index + 1 : index + 2]
        if character == "_":
            if index == 0:
                text += "X"
            elif not _is_lower(following):
                text += "_"
        elif _is_lower(character) and (index == 0 or not _is_word(name[index - 1])):
            text += character.upper()
        else:
            text += character
    return text


def _is_lower(character: str) -> bool:
    return "a" <= character <= "z"


def _is_word(character: str) -> bool:
    # A lower-case letter continues the word of a letter before it, and starts one elsewhere.
    return character.isalpha()


def go_names(message: DescriptorProto) -> GoNames:
    """Return the names of a message's fields and oneofs."""
    used = dict.fromkeys(_METHODS, True)

    def unique(name: str, *, has_getter: bool) -> str:
        while used.get(name) or (has_getter and used.get(f"Get{name}")):
            name += "_"
        used[name] = True
        used[f"Get{name}"] = has_getter
        return name

    found = GoNames({}, {})
    for field in message.field:
        found.fields[field.name] = unique(go_camel_case(field.name), has_getter=True)
        if field.HasField("oneof_index"):
            oneof = message.oneof_decl[field.oneof_index].name
            if oneof not in found.oneofs:
                found.oneofs[oneof] = unique(go_camel_case(oneof), has_getter=False)
    return found
