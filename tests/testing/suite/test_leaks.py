"""The search for what must not leave an agent."""

import json
import sysconfig

import pytest

from mirastack_sdk.testing._suite.agent_trial import Answer
from mirastack_sdk.testing._suite.leaks import leaks

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1'
FOLDER = "/srv/projects/my_agent"


def found(text: str, *, is_report: bool = False) -> list[str]:
    """What is wrong with a text of an agent."""
    answer = Answer(where="the text", text=text, is_report=is_report)
    values = ["http://user:pw@metrics.internal:9090/api", "debug"]
    return list(leaks([answer], ["s3cr3t", ""], values, [FOLDER, "/srv"]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"token": "s3cr3t"}', "a secret"),
        ('{"source": "metrics.internal:9090"}', "the backend's address metrics.internal:9090"),
        (f'{{"file": "{FOLDER}/agent.py"}}', f"the path {FOLDER}"),
        (json.dumps({"file": sysconfig.get_paths()["purelib"] + "/x.py"}), "the path "),
        (json.dumps({"error": "no route to http://10.0.0.7/query"}), "an address"),
        (json.dumps([{"deep": {"errors": TRACEBACK}}]), "a traceback"),
        (json.dumps({"exception": "open('/etc/agent/keys.pem') failed"}), "path"),
    ],
)
def test_what_is_found(text: str, words: str) -> None:
    """One sentence, which says where and what."""
    (sentence,) = found(text)
    assert sentence.startswith("the text contains ")
    assert words in sentence


@pytest.mark.parametrize(
    "text",
    [
        '{"hosts": ["10.0.0.7", "db.internal:5432"]}',
        '{"log": "GET http://shop.example/cart 500"}',
        json.dumps({"log": TRACEBACK}),
        '{"path": "/srv/data"}',
        '{"error": "the backend does not answer"}',
        '{"error": {"code": 7}}',
        "plain text",
        "[1, 2, null]",
    ],
)
def test_what_an_agent_is_for(text: str) -> None:
    """Data of others is what the model asked for: only the agent's own is internal."""
    assert found(text) == []


def test_a_report_that_is_plain_text() -> None:
    """The error beside a result is one."""
    assert found("no route to http://10.0.0.7/query", is_report=True) != []
    assert found("the backend does not answer", is_report=True) == []
