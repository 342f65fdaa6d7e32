"""The search for what must not leave an agent, in all that it has answered."""

import json
import os
import re
import sysconfig
from collections.abc import Iterable, Iterator, Mapping

from mirastack_sdk._core.redaction.error_rules import RULES
from mirastack_sdk._text import shortened
from mirastack_sdk.testing._suite.agent_trial import Answer

_SHOWN = 120
_TRACEBACK = re.compile(r'Traceback \(most recent call last\)|File \\?"[^"\\]+\\?", line \d+')
_URL_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([^/?#\s]+)", re.IGNORECASE)
# Members of a result under which agents pass on what went wrong.
_REPORTS = frozenset({"error", "errors", "exception", "traceback"})


def leaks(
    answers: Iterable[Answer], secrets: Iterable[str], values: Iterable[str], folders: Iterable[str]
) -> Iterator[str]:
    """A sentence for each text that should not have been sent.

    `values` are those of the config and the environment, among which the backend's addresses are
    found; `folders` contain the author's code.
    """
    hidden = [secret for secret in secrets if secret]
    hosts = {match[1] for value in values for match in _URL_HOST.finditer(value)}
    places = [folder for folder in (*folders, *_installed()) if folder.count(os.sep) > 1]
    for answer in answers:
        yield from _found(answer, hidden, hosts, places)


def _found(
    answer: Answer, secrets: list[str], hosts: set[str], folders: list[str]
) -> Iterator[str]:
    where, text = answer.where, answer.text
    if any(secret in text for secret in secrets):
        yield f"{where} contains a secret"
    for host in sorted(hosts):
        if host in text:
            yield f"{where} contains the backend's address {host}"
    for folder in folders:
        if folder in text:
            yield f"{where} contains the path {folder}"
    for report in [text] if answer.is_report else _reports_in(text):
        yield from _revealing(where, report)


def _revealing(where: str, report: str) -> Iterator[str]:
    """Find what the SDK would have removed from an exception's text."""
    if _TRACEBACK.search(report):
        yield f"{where} contains a traceback"
        return
    for rule in RULES:
        if rule.apply(report) != report:
            yield f"{where} contains {rule.why}: {shortened(report, _SHOWN)!r}"
            return


def _reports_in(text: str) -> Iterator[str]:
    """The texts that a result passes on as errors."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return
    yield from _reports(value)


def _reports(value: object) -> Iterator[str]:
    match value:
        case dict():
            for name, member in value.items():
                if name in _REPORTS and isinstance(member, str):
                    yield member
                else:
                    yield from _reports(member)
        case list():
            for member in value:
                yield from _reports(member)
        case _:
            return


def _installed() -> Iterator[str]:
    paths: Mapping[str, str] = sysconfig.get_paths()
    yield from {paths["stdlib"], paths["purelib"]}
