"""The errors that stop an agent from starting, and the warnings of an unprotected one."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mirastack_sdk import Permission, serve_async
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.security import ClientTls, Security
from tests.e2e.agent_process import agent_process
from tests.e2e.in_process import served
from tests.reliability.tls.certificates import LOOPBACK, Authority, Issued
from tests.reliability.tls.peers import TIMEOUT, Keeper

CERT, KEY = "MIRASTACK_PLUGIN_TLS_CERT", "MIRASTACK_PLUGIN_TLS_KEY"
CLIENT_CA = "MIRASTACK_PLUGIN_TLS_CLIENT_CA"
TOKEN, TOKEN_FILE = "MIRASTACK_AUTH_TOKEN", "MIRASTACK_AUTH_TOKEN_FILE"
DEMAND = "set MIRASTACK_PLUGIN_TLS_CLIENT_CA (mTLS) or MIRASTACK_AUTH_TOKEN_FILE"

type Prepare = Callable[[Authority, Path], Mapping[str, str]]


async def refusal_of(
    variables: Mapping[str, str],
    security: Security | None = None,
    permission: Permission = Permission.READ,
) -> str:
    """Return the reason why an agent does not start."""
    environ = {"MIRASTACK_PLUGIN_ADDR": "127.0.0.1:0", **variables}
    serving = serve_async(
        Keeper(permission), environ=environ, security=security, on_listening=lambda _: None
    )
    with pytest.raises(ConfigurationError) as refusal:
        await asyncio.wait_for(serving, TIMEOUT)
    return str(refusal.value)


def identity(issued: Issued) -> dict[str, str]:
    """The variables of a served port with that certificate."""
    return {CERT: str(issued.certificate), KEY: str(issued.key)}


def missing(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    issued.key.unlink()
    return identity(issued)


def a_folder(authority: Authority, folder: Path) -> Mapping[str, str]:
    return {**identity(authority.issue(*LOOPBACK)), CERT: str(folder)}


def not_pem(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    issued.certificate.write_text("hello")
    return identity(issued)


def der(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    issued.certificate.write_bytes(ssl.PEM_cert_to_DER_cert(issued.certificate.read_text()))
    return identity(issued)


def damaged(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    text = issued.certificate.read_text()
    issued.certificate.write_text(text[:100] + text[200:])
    return identity(issued)


def swapped(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    return {CERT: str(issued.key), KEY: str(issued.certificate)}


def certificate_as_key(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(*LOOPBACK)
    return {CERT: str(issued.certificate), KEY: str(issued.certificate)}


def mismatched(authority: Authority, folder: Path) -> Mapping[str, str]:
    return {**identity(authority.issue(*LOOPBACK)), KEY: str(authority.issue().key)}


def encrypted(authority: Authority, folder: Path) -> Mapping[str, str]:
    return identity(authority.issue(*LOOPBACK, passphrase=b"secret"))


def ca_of_nothing(authority: Authority, folder: Path) -> Mapping[str, str]:
    authority.ca.write_text("\n")
    return {**identity(authority.issue(*LOOPBACK)), CLIENT_CA: str(authority.ca)}


def engine_ca_missing(authority: Authority, folder: Path) -> Mapping[str, str]:
    return {"MIRASTACK_ENGINE_TLS_CA": str(folder / "nowhere.pem")}


def engine_key_encrypted(authority: Authority, folder: Path) -> Mapping[str, str]:
    issued = authority.issue(passphrase=b"secret")
    return {
        "MIRASTACK_ENGINE_TLS_CERT": str(issued.certificate),
        "MIRASTACK_ENGINE_TLS_KEY": str(issued.key),
    }


def empty_token(authority: Authority, folder: Path) -> Mapping[str, str]:
    file = folder / "token"
    file.write_text("\n")
    return {TOKEN_FILE: str(file)}


def token_of_words(authority: Authority, folder: Path) -> Mapping[str, str]:
    file = folder / "token"
    file.write_text("not one word\n")
    return {TOKEN_FILE: str(file)}


def token_nowhere(authority: Authority, folder: Path) -> Mapping[str, str]:
    return {TOKEN_FILE: str(folder / "nowhere")}


@pytest.mark.parametrize(
    ("prepare", "setting", "reason"),
    [
        (missing, KEY, "there is no file"),
        (a_folder, CERT, "cannot be read: Is a directory"),
        (not_pem, CERT, "cannot be used: it holds no certificate in PEM"),
        (der, CERT, "is in DER, expected PEM"),
        (damaged, CERT, "cannot be used: the certificate in it is damaged"),
        (swapped, CERT, "cannot be used: it holds a key and no certificate"),
        (certificate_as_key, KEY, "cannot be used: it holds a certificate and no key"),
        (mismatched, KEY, "does not belong to the certificate in"),
        (encrypted, KEY, "is encrypted, expected one without a"),
        (ca_of_nothing, CLIENT_CA, "cannot be used: it holds no certificate in PEM"),
        (engine_ca_missing, "MIRASTACK_ENGINE_TLS_CA", "there is no file"),
        (engine_key_encrypted, "MIRASTACK_ENGINE_TLS_KEY", "is encrypted"),
        (empty_token, TOKEN_FILE, "is empty"),
        (token_of_words, TOKEN_FILE, "must be visible ASCII characters without spaces"),
        (token_nowhere, TOKEN_FILE, "there is no file"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_a_file_that_cannot_be_used_stops_the_start(
    authority: Authority, tmp_path: Path, prepare: Prepare, setting: str, reason: str
) -> None:
    """One sentence names the variable, the file and what is wrong with it, and no secret."""
    text = await refusal_of(prepare(authority, tmp_path))
    assert text.startswith(f"{setting}: ")
    assert reason in text
    assert "\n" not in text
    assert "PRIVATE KEY" not in text
    assert "not one word" not in text


async def test_an_argument_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """Errors of settings in code use their names there."""
    security = Security(client=ClientTls(ca=tmp_path / "nowhere.pem"))
    text = await refusal_of({}, security)
    assert text == f"security.client.ca: there is no file {tmp_path / 'nowhere.pem'}"


async def test_an_authors_argument_does_not_lift_the_operators_demand() -> None:
    """Security in code replaces the variables, except this one."""
    text = await refusal_of({"MIRASTACK_REQUIRE_AUTH": "1"}, Security())
    assert text.endswith("set security.server.client_ca (mTLS) or security.token_file")


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The warnings at the start, except the one about the missing engine."""
    return [
        record.message
        for record in caplog.records
        if record.levelname == "WARNING" and "serving unregistered" not in record.message
    ]


@pytest.mark.parametrize("permission", [Permission.MODIFY, Permission.ADMIN])
async def test_a_powerful_agent_that_anybody_can_call_says_so(
    permission: Permission, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning names the permission, the address and the variables to set."""
    async with served(Keeper(permission), MIRASTACK_PLUGIN_ADDR=":0"):
        pass
    expected = (
        f"anybody can call this agent, which has {permission.name} rights and listens on all "
        f"interfaces: {DEMAND}, or listen on 127.0.0.1"
    )
    assert warnings_of(caplog) == [expected]


async def test_a_token_in_plain_text_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """One warning names both directions in which the token is sent in plain text."""
    async with served(
        Keeper(Permission.ADMIN),
        engine="192.0.2.1:9090",
        MIRASTACK_PLUGIN_ADDR=":0",
        MIRASTACK_AUTH_TOKEN="t0ken",
    ):
        pass
    assert warnings_of(caplog)[0] == (
        "the token crosses the network unencrypted: callers send it to this agent's port, set "
        "MIRASTACK_PLUGIN_TLS_CERT and MIRASTACK_PLUGIN_TLS_KEY; this agent sends it to "
        "192.0.2.1:9090, set MIRASTACK_ENGINE_TLS=true"
    )


async def test_variables_beside_an_argument_are_named(caplog: pytest.LogCaptureFixture) -> None:
    """Code replaces the environment completely, and a warning names the ignored variables."""
    async with served(
        Keeper(),
        Security(token="t0ken"),
        MIRASTACK_AUTH_TOKEN="another",
        MIRASTACK_PLUGIN_TLS_CERT="nowhere",
    ):
        pass
    assert warnings_of(caplog) == [f"{CERT}, {TOKEN}: ignored, since security was given in code"]


async def test_a_process_ends_with_the_sentence() -> None:
    """`serve()` ends with status 1 and the sentence on standard error, before it listens."""
    async with agent_process("worker.py", MIRASTACK_REQUIRE_AUTH="1") as agent:
        assert await agent.ended() == 1
    assert agent.stdout == []
    assert f"  - MIRASTACK_REQUIRE_AUTH is set, and anybody could call this agent: {DEMAND}" in (
        agent.log
    )
