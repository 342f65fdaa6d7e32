"""The mutants of a source file: each is the file with one small change, made by mutmut's operators.

mutmut's own runner changes functions behind a switch in each of them, so it leaves out functions
with decorators and code outside functions. Here a mutant is a whole file, and these are included.
"""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.mutators import mutation_operators

# With `None` in place of their argument, these always raise: such a mutant tests no test.
_TRIVIAL = frozenset({"len", "isinstance", "issubclass"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A source file with one change."""

    path: str
    text: str
    line: int
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when code above it changes: no line number."""
        return self.path, self.before, self.after


class MutableFile:
    """A source file and the changes that can be made to it."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._module = MetadataWrapper(cst.parse_module(text)).module
        finder = _Finder()
        self._module.visit(finder)
        self._changes = finder.changes

    def __len__(self) -> int:
        """How many changes can be made."""
        return len(self._changes)

    def mutant(self, number: int) -> Mutant | None:
        """The file with one change, unless that does not compile or means the same."""
        mutated = self._module.visit(_Replacement(*self._changes[number])).code
        return _mutant(self._path, self._text, mutated) if _differs(self._text, mutated) else None


def _differs(original: str, mutated: str) -> bool:
    try:
        compile(mutated, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return ast.dump(ast.parse(mutated)) != ast.dump(ast.parse(original))


def _mutant(path: str, text: str, mutated: str) -> Mutant:
    old, new = text.splitlines(), mutated.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changed = [block for block in matcher.get_opcodes() if block[0] != "equal"]
    first, last = changed[0], changed[-1]
    return Mutant(
        path=path,
        text=mutated,
        line=first[1] + 1,
        before=_in_one_line(old[first[1] : last[2]]),
        after=_in_one_line(new[first[3] : last[4]]),
    )


def _in_one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


class _Finder(cst.CSTVisitor):
    """Collects the changes of a module; types, decorators and docstrings are left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode]] = []
        self._left_out: set[cst.CSTNode] = set()

    def on_visit(self, node: cst.CSTNode) -> bool:
        if node in self._left_out or _is_left_out(node):
            return False
        if isinstance(node, cst.ConcatenatedString):
            self._left_out.update(_rest_of_text(node))
        self.changes.extend((node, changed) for changed in _changes(node))
        return True


def _is_left_out(node: cst.CSTNode) -> bool:
    match node:
        case cst.Annotation() | cst.Decorator() | cst.TypeAlias() | cst.TypeParameters():
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in _TRIVIAL
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value="__slots__" | "__all__"))]):
            return True
        case cst.Param(default=default):
            return default is not None and not isinstance(
                default, cst.Name | cst.BaseNumber | cst.BaseString
            )
        case _:
            return False


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    found = (
        changed
        for kind, operator in mutation_operators
        if isinstance(node, kind)
        for changed in operator(node)
    )
    if isinstance(node, cst.SimpleString) and _is_sentence(node):
        yield from _one_of_sentence(found)
    else:
        yield from found


def _is_sentence(node: cst.SimpleString) -> bool:
    value = node.evaluated_value
    return isinstance(value, str) and " " in value.strip()


def _one_of_sentence(found: Iterator[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """The last change only, in upper case: a test that quotes any part of the text notices it.

    Texts for people are worth one check each, not one for each way to spell them wrongly.
    """
    *_, last = [None, *found]
    if last is not None:
        yield last


def _rest_of_text(node: cst.ConcatenatedString) -> list[cst.CSTNode]:
    """The parts of a text over several lines but the longest, which stands for the text."""
    parts: list[cst.SimpleString | cst.FormattedString] = []
    while isinstance(node, cst.ConcatenatedString):
        parts.append(node.left)
        if not isinstance(node.right, cst.ConcatenatedString):
            parts.append(node.right)
            break
        node = node.right
    plain = [part for part in parts if isinstance(part, cst.SimpleString)]
    longest = max(plain, key=lambda part: len(part.value), default=None)
    return [part for part in plain if part is not longest]


class _Replacement(cst.CSTTransformer):
    """Replaces one node by another."""

    def __init__(self, node: cst.CSTNode, replacement: cst.CSTNode) -> None:
        super().__init__()
        self._node = node
        self._replacement = replacement

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is not self._node

    def on_leave(  # type: ignore[override]  # as libcst documents it: another kind may take the place
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        return self._replacement if original_node is self._node else updated_node
