"""The differences between a generated module and the file in its place, by message and field."""

import ast
from collections.abc import Iterator

_MOST_LISTED = 20
_IMPORTS = "the imports"
_MODULE = "the module"


def code_differences(found: bytes, wanted: str) -> list[tuple[int, str]]:
    """Return the differences, each with a line of the file; `[]` if the texts are equal."""
    if found == wanted.encode():
        return []
    try:
        ours = _definitions(ast.parse(found))
    except (SyntaxError, ValueError) as error:
        return [(getattr(error, "lineno", None) or 1, "the file is not Python")]
    theirs = _definitions(ast.parse(wanted))
    listed = sorted(_differences(ours, theirs))
    if not listed:
        return [(_first_line(found, wanted.encode()), "the layout or a comment differs")]
    if len(listed) > _MOST_LISTED:
        line, _ = listed[_MOST_LISTED]
        return [*listed[:_MOST_LISTED], (line, f"{len(listed) - _MOST_LISTED} more differ")]
    return listed


type _Definitions = dict[str, tuple[int, str, str]]


def _definitions(tree: ast.Module) -> _Definitions:
    """Return the line, the code and the comment of all that is defined, by its name."""
    found: _Definitions = {_MODULE: (1, "", "")}
    for owner, body in (("", tree.body), *_class_bodies(tree)):
        name = owner or _MODULE
        for statement in body:
            if _is_comment(statement):
                line, code, _ = found[name]
                found[name] = (line, code, ast.unparse(statement))
                continue
            name = f"{owner}.{_name(statement)}".lstrip(".")
            line, code, comment = found.get(name, (statement.lineno, "", ""))
            found[name] = (line, f"{code}{_code(statement)}", comment)
    return found


def _is_comment(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _class_bodies(tree: ast.Module) -> Iterator[tuple[str, list[ast.stmt]]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name, node.body


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.AnnAssign(target=target) | ast.Assign(targets=[target]):
            return ast.unparse(target)
        case ast.Import() | ast.ImportFrom():
            return _IMPORTS
        case ast.Expr(value=ast.Call(args=[argument, *_])):
            return f"the registration of {ast.unparse(argument)}"
        case _:
            return "the other code"


def _code(statement: ast.stmt) -> str:
    if isinstance(statement, ast.ClassDef):
        heads = [*statement.decorator_list, *statement.bases]
        return " ".join(ast.unparse(head) for head in heads)
    return ast.unparse(statement)


def _differences(ours: _Definitions, theirs: _Definitions) -> Iterator[tuple[int, str]]:
    for name, (_, code, comment) in theirs.items():
        if name not in ours:
            owner = name.rpartition(".")[0]
            if owner in ours or not owner:
                yield ours[owner][0] if owner else 1, f"{name} is missing"
            continue
        line, our_code, our_comment = ours[name]
        if our_code != code:
            yield line, _sentence(name, our_code, code)
        elif our_comment != comment:
            yield line, f"the comment of {name} differs"
    for name, (line, _, _) in ours.items():
        owner = name.rpartition(".")[0]
        if name not in theirs and (owner in theirs or not owner):
            yield line, f"{name} is not generated"


def _sentence(name: str, ours: str, theirs: str) -> str:
    if name == _IMPORTS:
        return f"{name} differ from what is generated"
    if "\n" in ours + theirs or len(ours) + len(theirs) > 200:
        return f"{name} differs from what is generated"
    return f"{name} is `{ours}` and should be `{theirs}`"


def _first_line(found: bytes, wanted: bytes) -> int:
    """Return the number of the first line that differs."""
    lines = found.splitlines(), wanted.splitlines()
    pairs = enumerate(zip(*lines, strict=False), 1)
    return next(
        (number for number, (ours, theirs) in pairs if ours != theirs), min(map(len, lines))
    )
