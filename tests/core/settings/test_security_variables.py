"""The security settings in the environment: what belongs together, and what contradicts."""

import pytest

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk.errors import ConfigurationError
from mirastack_sdk.security import ClientTls, Security, ServerTls

CERT, KEY = "MIRASTACK_PLUGIN_TLS_CERT", "MIRASTACK_PLUGIN_TLS_KEY"
CLIENT_CA, NAMES = "MIRASTACK_PLUGIN_TLS_CLIENT_CA", "MIRASTACK_PLUGIN_TLS_CLIENT_NAMES"
ENGINE = "MIRASTACK_ENGINE_TLS"
TOKEN, TOKEN_FILE = "MIRASTACK_AUTH_TOKEN", "MIRASTACK_AUTH_TOKEN_FILE"


def security_in(environ: dict[str, str]) -> Security:
    return Settings.from_mapping(environ).security.security


def test_nothing_set_protects_nothing() -> None:
    """Without variables there is neither TLS nor a token."""
    settings = Settings.from_mapping({}).security
    assert settings.security == Security()
    assert not settings.required
    assert not settings.security.authenticates


def test_every_variable_reaches_its_field() -> None:
    """Each variable sets its own field."""
    environ = {
        CERT: "agent.pem",
        KEY: "agent.key",
        CLIENT_CA: "callers.pem",
        NAMES: "engine.internal, spiffe://prod/engine ,",
        f"{ENGINE}_CA": "engine_ca.pem",
        f"{ENGINE}_CERT": "shown.pem",
        f"{ENGINE}_KEY": "shown.key",
        f"{ENGINE}_SERVER_NAME": "engine.internal",
        TOKEN_FILE: "/run/token",
        "MIRASTACK_REQUIRE_AUTH": "true",
    }
    settings = Settings.from_mapping(environ).security
    assert settings.required
    assert settings.security == Security(
        server=ServerTls(
            certificate="agent.pem",
            key="agent.key",
            client_ca="callers.pem",
            client_names=("engine.internal", "spiffe://prod/engine"),
        ),
        client=ClientTls(
            ca="engine_ca.pem",
            certificate="shown.pem",
            key="shown.key",
            server_name="engine.internal",
        ),
        token_file="/run/token",
    )
    assert settings.security.authenticates


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({ENGINE: "true"}, ClientTls()),
        ({ENGINE: "false"}, None),
        ({f"{ENGINE}_CA": "ca.pem"}, ClientTls(ca="ca.pem")),
        ({f"{ENGINE}_SERVER_NAME": "engine"}, ClientTls(server_name="engine")),
        ({f"{ENGINE}_SERVER_NAME": "::1"}, ClientTls(server_name="::1")),
    ],
    ids=["true", "false", "CA", "name", "address"],
)
def test_what_says_that_the_engine_is_called_over_tls(
    environ: dict[str, str], expected: ClientTls | None
) -> None:
    """The switch turns TLS on, and so does any other variable of the engine's TLS."""
    assert security_in(environ).client == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({CERT: "a"}, f"{CERT} needs {KEY}: it has no effect without it"),
        ({KEY: "a"}, f"{KEY} needs {CERT}: it has no effect without it"),
        ({CLIENT_CA: "a"}, f"{CLIENT_CA} needs {CERT}: it has no effect without it"),
        (
            {CERT: "a", KEY: "b", NAMES: "c"},
            f"{NAMES} needs {CLIENT_CA}: it has no effect without it",
        ),
        ({f"{ENGINE}_CERT": "a"}, f"{ENGINE}_CERT needs {ENGINE}_KEY: it has no effect without it"),
        ({f"{ENGINE}_KEY": "a"}, f"{ENGINE}_KEY needs {ENGINE}_CERT: it has no effect without it"),
        ({TOKEN: "a", TOKEN_FILE: "b"}, f"{TOKEN} and {TOKEN_FILE} exclude each other: set one"),
        (
            {ENGINE: "false", f"{ENGINE}_CA": "a"},
            f"{ENGINE}_CA contradicts {ENGINE}=false: unset one of them",
        ),
        (
            {f"{ENGINE}_SERVER_NAME": "engine:9090"},
            (
                f"{ENGINE}_SERVER_NAME must be a host name without a port such as "
                '"engine.internal", got "engine:9090"'
            ),
        ),
        (
            {CERT: "a", KEY: "b", CLIENT_CA: "c", NAMES: " , "},
            (
                f"{NAMES} must be comma-separated DNS names, URIs or common names such as "
                '"engine.internal", got ",": it contains no name'
            ),
        ),
        (
            {"MIRASTACK_REQUIRE_AUTH": "perhaps"},
            'MIRASTACK_REQUIRE_AUTH must be true or false, got "perhaps"',
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_contradictions_are_reported(environ: dict[str, str], expected: str) -> None:
    """One sentence names the variable, and the one that is missing or contradicts it."""
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_mapping(environ)
    assert str(refusal.value) == expected


@pytest.mark.parametrize("token", ["two words", "geh\u00e9im", "x" * 5000, "line\nfeed"])
def test_an_invalid_token_is_not_shown(token: str) -> None:
    """The sentence says what a token must be, and does not contain the value."""
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_mapping({TOKEN: token})
    assert str(refusal.value) == (
        f"{TOKEN} must be visible ASCII characters without spaces, got a value that is not shown"
    )


def test_an_argument_replaces_the_variables() -> None:
    """Security given in code replaces the variables and names those that it replaces."""
    given = Security(token="ours")
    environ = {TOKEN_FILE: "theirs", CERT: "without a key", "MIRASTACK_REQUIRE_AUTH": "1"}
    settings = Settings.from_mapping(environ, given).security
    assert settings.security is given
    assert settings.required
    assert settings.ignored == (CERT, TOKEN_FILE)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            lambda: Security(token="a", token_file="b"),
            "token and token_file exclude each other",
        ),
        (lambda: Security(token=""), "the token is empty"),
        (
            lambda: Security(token="two words"),
            "the token must be visible ASCII characters without spaces, at most 4096",
        ),
        (
            lambda: ClientTls(certificate="a"),
            "certificate needs key: set both or neither",
        ),
        (lambda: ClientTls(key="a"), "key needs certificate: set both or neither"),
        (
            lambda: ClientTls(server_name="engine:9090:1"),
            "server_name is not the name or address of a host, without a port",
        ),
        (lambda: ClientTls(server_name=""), "server_name is empty"),
        (
            lambda: ServerTls(certificate="a", key="b", client_names=["engine"]),
            "client_names needs client_ca, which verifies the names",
        ),
        (
            lambda: ServerTls(certificate="a", key="b", client_ca="c", client_names="engine"),
            "client_names must be a collection of names, not one string",
        ),
    ],
    ids=lambda value: value.replace(" ", "-")[:24] if isinstance(value, str) else "",
)
def test_an_invalid_argument_is_refused(make: object, expected: str) -> None:
    """The exception is raised where the argument is made."""
    assert callable(make)
    with pytest.raises(ConfigurationError) as refusal:
        make()
    assert str(refusal.value) == expected
