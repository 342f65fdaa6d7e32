"""Advice about addresses and credentials that are fixed in the source or in defaults."""

import ast
import re
from collections.abc import Iterator

from mirastack_sdk._cli.advice.advised_agent import AdvisedAgent
from mirastack_sdk._cli.advice.author_sources import AuthorModule
from mirastack_sdk._cli.advice.finding import Finding, finding
from mirastack_sdk._cli.advice.own_words import words_of
from mirastack_sdk._core.redaction.secrets import TOKENS

_URL = re.compile(
    r"""(?x) (?P<scheme> [a-z][a-z0-9+.-]* ) :// (?: (?P<user> [^/?\#\s@]* ) @ )?
        (?P<host> \[[^\]\s]+\] | [^/?\#\s:{}<>\[\]]+ ) (?: [:/?\#] \S* )?"""
)
# Addresses that mean the same on every machine, or nothing.
_HARMLESS_HOST = re.compile(
    r"""(?xi) localhost | 127\.[\d.]+ | 0\.0\.0\.0 | \[::1?\] | (?:.+\.)? (?:localhost|invalid|test)
        | (?:.+\.)? example (?: \.(?:com|org|net) )? | (?:www\.)? w3\.org | json-schema\.org
        | schemas\..+"""
)
_OTHER_SCHEMES = frozenset(("file", "memory", "urn"))
_SECRET_NAMES = frozenset(
    ("apikey", "credential", "credentials", "passphrase", "passwd", "password", "secret", "token")
)
_SECRET_KEYS = frozenset(("access", "api", "private", "secret", "signing"))
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_RECOGNISABLE = TOKENS[:2]


def names_secret(name: str) -> bool:
    """Whether a name is that of a secret, such as `api_key` or `backend_token`."""
    words = words_of(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name))
    if not words:
        return False
    is_key = words[-1] == "key" and bool(_SECRET_KEYS.intersection(words[-2:-1]))
    return words[-1] in _SECRET_NAMES or is_key


def fixed_value_advice(agent: AdvisedAgent) -> Iterator[Finding]:
    """Findings about URLs and credentials in declared defaults and in the source."""
    declared: set[str] = set()
    for place, name, default, action in _defaults(agent):
        found = _default_finding(place, name, default, action)
        if found is not None:
            declared.add(default)
            yield found
    for module in agent.sources:
        yield from _source_findings(module, declared)


def _defaults(agent: AdvisedAgent) -> Iterator[tuple[str, str, str, str]]:
    """Each default that is declared: its place, its name, its text and its action."""
    for config in agent.info.config_params:
        yield f"config {config.key}", config.key, config.default, ""
    for action, place, name, param in agent.inputs():
        yield place, name, param.default, action.name


def _default_finding(place: str, name: str, default: str, action: str) -> Finding | None:
    if _is_credential(default) or (default and names_secret(name) and not _is_variable(default)):
        return finding("MA602", place, "the default is a credential", action=action)
    host = _fixed_host(default)
    if host:
        return finding("MA601", place, f"the default is the address of {host}", action=action)
    return None


def _source_findings(module: AuthorModule, declared: set[str]) -> Iterator[Finding]:
    secrets = {id(node): name for name, node in _named_texts(module.tree) if names_secret(name)}
    for node in module.texts():
        text = str(node.value)
        name = secrets.get(id(node), "")
        if text in declared:
            continue
        if _is_credential(text) or (name and text.strip() and not _is_variable(text)):
            of = f" for {name}" if name else ""
            yield finding("MA602", module.place(node), f"the source contains a credential{of}")
        elif host := _fixed_host(text):
            what = f"the source contains the address of {host}"
            yield finding("MA601", module.place(node), what)


def _named_texts(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Each value that is written beside a name, and the name."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[target], value=value):
                yield _name(target), _unwrapped(value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield _name(target), _unwrapped(value)
            case ast.keyword(arg=str(name), value=value):
                yield name, _unwrapped(value)
            case ast.Dict(keys=keys, values=values):
                yield from (
                    (key.value, value)
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )
            case _:
                pass


def _name(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _unwrapped(value: ast.expr) -> ast.expr:
    """The argument of `Secret("…")`; any other value unchanged."""
    match value:
        case ast.Call(func=ast.Name(id="Secret"), args=[argument]):
            return argument
        case _:
            return value


def _fixed_host(text: str) -> str:
    """The host of a text that is a URL of one particular system, or nothing."""
    found = _URL.fullmatch(text.strip())
    if found is None or found["scheme"] in _OTHER_SCHEMES:
        return ""
    return "" if _HARMLESS_HOST.fullmatch(found["host"]) else found["host"]


def _is_credential(text: str) -> bool:
    """Whether a text is a token of a known form, or a URL with a password."""
    url = _URL.fullmatch(text.strip())
    user = "" if url is None else url["user"] or ""
    if user.partition(":")[2] and "{" not in user:
        return True
    return any(rule.apply(text) != text for rule in _RECOGNISABLE)


def _is_variable(text: str) -> bool:
    """Whether a text is the name of a variable of the environment, or a template for a value."""
    return _VARIABLE.fullmatch(text) is not None or "{" in text or "<" in text
