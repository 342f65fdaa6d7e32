"""The rendering of the generated modules from the model of a tree."""

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any  # noqa: TID251 - jinja takes values of all types

import jinja2

from codegen.formatting import formatted
from codegen.gojson_codec import gojson_functions
from codegen.lines import docstring, documentation
from codegen.model import Kind, Package, Tree
from codegen.primitives import imports_of, names_in
from codegen.protobuf_codec import protobuf_functions
from codegen.python_types import PythonTypes
from codegen.reserved import CODEC_NAMES, SERVICES_NAMES
from codegen.scope import Scope, is_class
from codegen.tree import alias

_WIDTH = 100

_PACKAGE = """The contract in Python, made from the proto file by `make codegen`; do not edit.

`messages` has the enums and messages, `services` the methods, the bases to serve them and the stubs
to call them. `protobuf_codec` and `gojson_codec` encode and decode every message: protobuf, and the
JSON of Go's encoding/json. They are written out field by field for speed, and built from the
functions in `_wire/codec`, which define what is valid.

Only names, types and order of fields are decided here. To change anything, change the proto file or
`codegen/`.
"""

type _Functions = Callable[[Package, PythonTypes, Scope], str]


def render(tree: Tree, notices: dict[str, str]) -> dict[str, str]:
    """Return the text of each module by its path; `notices` say what each package is made from."""
    modules: dict[str, str] = {}
    for package in tree.packages:
        folder = "".join(f"{part}/" for part in package.folders)
        for name, text in _Rendering(tree, package, notices[package.name]).modules():
            modules[f"{folder}{name}"] = text
    for package in tree.packages:
        for depth in range(1, len(package.folders)):
            path = f"{'/'.join(package.folders[:depth])}/__init__.py"
            text = f"Holds generated packages.\n\n{notices[package.name]}"
            modules.setdefault(path, f"{docstring(f'{text}\n', 0)}\n")
    return formatted(modules)


class _Rendering:
    """The rendering of the modules of one package."""

    def __init__(self, tree: Tree, package: Package, notice: str) -> None:
        self._tree = tree
        self._package = package
        self._environment = jinja2.Environment(  # noqa: S701  # the output is Python, not HTML
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._notice = "\n".join(textwrap.wrap(notice, _WIDTH, break_long_words=False))
        self._environment.globals |= {
            "package": package,
            "docstring": documentation,
            "notice": self._notice,
            "uses_deprecated": any(
                message.is_deprecated for found in tree.packages for message in found.messages
            ),
        }

    def modules(self) -> Iterator[tuple[str, str]]:
        """Yield each module's name and text."""
        about = _PACKAGE if not self._package.folders else f"{self._about()}\n"
        yield "__init__.py", f"{docstring(about.removesuffix('\n'), 0)}\n"
        yield "messages.py", self._messages()
        if self._package.services:
            yield "services.py", self._services()
        yield "protobuf_codec.py", self._codec("in protobuf", "protobuf", protobuf_functions)
        yield (
            "gojson_codec.py",
            self._codec("in the JSON that Go's encoding/json writes", "gojson", gojson_functions),
        )

    def _about(self) -> str:
        return f"The package {self._package.name}.\n\n{self._notice}"

    def _messages(self) -> str:
        scope = Scope(self._tree, self._package, frozenset())
        template = self._environment.get_template("messages.py.j2")
        fields = [field for message in self._package.messages for field in message.fields]
        kinds = {field.type.kind for field in fields}
        options = {
            "names": PythonTypes(self._tree, self._package, scope),
            "datetimes": ["datetime"] * (Kind.TIME in kinds) + ["timedelta"] * (Kind.SPAN in kinds),
            "has_deprecated": any(message.is_deprecated for message in self._package.messages),
            "has_fields": bool(fields),
            "has_oneofs": any(field.oneof for field in fields),
        }
        used = {alias(field.type.package) for field in fields if is_class(field.type)}
        lines = scope.module_imports(used, "")
        return template.render(module_imports=lines, **options)

    def _services(self) -> str:
        methods = [method for service in self._package.services for method in service.methods]
        own = {
            f"{service.class_name}{side}"
            for service in self._package.services
            for side in ("Base", "Stub")
        } | {method.constant for method in methods}
        scope = Scope(self._tree, self._package, SERVICES_NAMES | own)
        types = [item for method in methods for item in (method.request, method.response)]
        used = names_in(" ".join(scope.class_of(item) for item in types))
        sends = any(method.client_streaming for method in methods)
        receives = any(method.server_streaming for method in methods)
        caller = "StreamCaller" if sends or receives else "Caller"
        collections = {"Mapping"} | ({"AsyncIterable", "Iterable"} if sends else set())
        wire = {caller, "Handlers", "Method", *(method.handler for method in methods)}
        return self._environment.get_template("services.py.j2").render(
            name_of=scope.class_of,
            module_imports=scope.module_imports(used, ""),
            message_imports=scope.class_imports(used),
            caller=caller,
            collections=sorted(collections | ({"AsyncIterator"} if sends or receives else set())),
            method_classes=sorted(wire | ({"ResponseStream"} if receives else set())),
            has_deprecated=any(method.is_deprecated for method in methods),
        )

    def _codec(self, encoding: str, primitives: str, functions: _Functions) -> str:
        scope = Scope(self._tree, self._package, CODEC_NAMES)
        names = PythonTypes(self._tree, self._package, scope)
        parts = (
            'CODECS = CodecTable()\n"""The codec of every message."""',
            functions(self._package, names, scope),
            self._registrations(scope),
        )
        code = "\n\n\n".join(part for part in parts if part)
        used = names_in(code)
        options: dict[str, Any] = {  # Any: jinja takes values of all types
            "datetimes": sorted({"datetime", "timedelta"} & used),
            "imports": imports_of(used, primitives),
            "message_imports": scope.class_imports(used),
            "module_imports": scope.module_imports(used, f"{primitives}_codec"),
        }
        template = self._environment.get_template("codec.py.j2")
        return template.render(code=code, encoding=encoding, **options)

    def _registrations(self, scope: Scope) -> str:
        return "\n".join(
            f"CODECS.add({scope.class_of(message.type)}, "
            f"MessageCodec(encode_{message.function}, decode_{message.function}))"
            for message in self._package.messages
        )
