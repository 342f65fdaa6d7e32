"""The security settings of an agent's process, read from the environment."""

from collections.abc import Mapping
from dataclasses import field

from mirastack_sdk._core.settings.security_options import (
    ClientTls,
    Security,
    ServerTls,
    server_name_error,
    token_error,
)
from mirastack_sdk._core.settings.variable import (
    SWITCHES,
    InvalidValueError,
    Variable,
    file_of,
    one_of,
    set_twice,
)
from mirastack_sdk._deferred.dataclasses import dataclass
from mirastack_sdk._deferred.named_tuples import NamedTuple


def _text(text: str) -> str:
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise InvalidValueError("it contains no name")
    return names


def _token(text: str) -> str:
    if token_error(text) is not None:
        raise InvalidValueError
    return text


def _server_name(text: str) -> str:
    if server_name_error(text) is not None:
        raise InvalidValueError
    return text


def _file(name: str, meaning: str, default: str = "none") -> Variable[str | None]:
    return Variable(
        name=name,
        meaning=meaning,
        default=default,
        expected="a path to a PEM file",
        parse=_text,
        fallback=None,
    )


PLUGIN_CERT = _file(
    "MIRASTACK_PLUGIN_TLS_CERT", "the agent's certificate; turns on TLS for its port; needs the key"
)
PLUGIN_KEY = _file("MIRASTACK_PLUGIN_TLS_KEY", "the key of that certificate, without a passphrase")
PLUGIN_CLIENT_CA = _file(
    "MIRASTACK_PLUGIN_TLS_CLIENT_CA",
    "the CA that callers' certificates are verified against; turns on mTLS",
)
PLUGIN_CLIENT_NAMES: Variable[tuple[str, ...]] = Variable(
    name="MIRASTACK_PLUGIN_TLS_CLIENT_NAMES",
    meaning="the names that callers may have; a certificate needs one of them",
    default="any name",
    expected='comma-separated DNS names, URIs or common names such as "engine.internal"',
    parse=_names,
    fallback=(),
)
ENGINE_TLS: Variable[bool | None] = Variable(
    name="MIRASTACK_ENGINE_TLS",
    meaning="whether the engine is called over TLS",
    default="true if another MIRASTACK_ENGINE_TLS_* is set",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=None,
)
ENGINE_CA = _file(
    "MIRASTACK_ENGINE_TLS_CA",
    "the CA that the engine's certificate is verified against",
    "the system's CAs",
)
ENGINE_CERT = _file(
    "MIRASTACK_ENGINE_TLS_CERT",
    "the agent's certificate for calls to the engine (mTLS); needs the key",
)
ENGINE_KEY = _file("MIRASTACK_ENGINE_TLS_KEY", "the key of that certificate, without a passphrase")
ENGINE_SERVER_NAME: Variable[str | None] = Variable(
    name="MIRASTACK_ENGINE_TLS_SERVER_NAME",
    meaning="the name that the engine's certificate must have",
    default="the engine's host",
    expected='a host name without a port such as "engine.internal"',
    parse=_server_name,
    fallback=None,
)
AUTH_TOKEN: Variable[str | None] = Variable(
    name="MIRASTACK_AUTH_TOKEN",
    meaning="the bearer token that callers must send, and that the agent sends to the engine",
    default="none",
    expected="visible ASCII characters without spaces",
    parse=_token,
    fallback=None,
    secret=True,
)
AUTH_TOKEN_FILE = file_of(AUTH_TOKEN, "the token")
REQUIRE_AUTH = Variable(
    name="MIRASTACK_REQUIRE_AUTH",
    meaning="refuses to start unless callers must present a certificate or a token",
    default="false",
    expected="true or false",
    parse=one_of(SWITCHES),
    fallback=False,
)

SECURITY_VARIABLES: tuple[Variable[object], ...] = (
    PLUGIN_CERT,
    PLUGIN_KEY,
    PLUGIN_CLIENT_CA,
    PLUGIN_CLIENT_NAMES,
    ENGINE_TLS,
    ENGINE_CA,
    ENGINE_CERT,
    ENGINE_KEY,
    ENGINE_SERVER_NAME,
    AUTH_TOKEN,
    AUTH_TOKEN_FILE,
    REQUIRE_AUTH,
)

# The first has no effect unless the second is set as well.
_NEEDS: tuple[tuple[Variable[object], Variable[object]], ...] = (
    (PLUGIN_CERT, PLUGIN_KEY),
    (PLUGIN_KEY, PLUGIN_CERT),
    (PLUGIN_CLIENT_CA, PLUGIN_CERT),
    (PLUGIN_CLIENT_NAMES, PLUGIN_CLIENT_CA),
    (ENGINE_CERT, ENGINE_KEY),
    (ENGINE_KEY, ENGINE_CERT),
)
_IMPLY_ENGINE_TLS: tuple[Variable[object], ...] = (
    ENGINE_CA,
    ENGINE_CERT,
    ENGINE_KEY,
    ENGINE_SERVER_NAME,
)


class SecurityNames(NamedTuple):
    """What messages call each setting: the variables, or the arguments of `Security`."""

    server: str = f"{PLUGIN_CERT.name} and {PLUGIN_KEY.name}"
    certificate: str = PLUGIN_CERT.name
    key: str = PLUGIN_KEY.name
    client_ca: str = PLUGIN_CLIENT_CA.name
    client_names: str = PLUGIN_CLIENT_NAMES.name
    client: str = f"{ENGINE_TLS.name}=true"
    engine_ca: str = ENGINE_CA.name
    engine_certificate: str = ENGINE_CERT.name
    engine_key: str = ENGINE_KEY.name
    server_name: str = ENGINE_SERVER_NAME.name
    token: str = AUTH_TOKEN.name
    token_file: str = AUTH_TOKEN_FILE.name


ARGUMENT_NAMES = SecurityNames(
    server="security.server",
    certificate="security.server.certificate",
    key="security.server.key",
    client_ca="security.server.client_ca",
    client_names="security.server.client_names",
    client="security.client",
    engine_ca="security.client.ca",
    engine_certificate="security.client.certificate",
    engine_key="security.client.key",
    server_name="security.client.server_name",
    token="security.token",  # noqa: S106 - the name of an argument
    token_file="security.token_file",  # noqa: S106 - the name of an argument
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """The security settings of this process.

    `names` are the names that messages use for them. `required` means that the operator does not
    allow the agent to start unless callers must present a certificate or a token. `ignored` are the
    variables that have no effect because the author passed `security` to `serve()`.
    """

    security: Security = field(default_factory=Security)
    names: SecurityNames = field(default_factory=SecurityNames)
    required: bool = REQUIRE_AUTH.fallback
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(
        cls, environ: Mapping[str, str], errors: list[str], given: Security | None = None
    ) -> "SecuritySettings":
        """Read the settings from `environ`; add a sentence to `errors` for each invalid value.

        `given`, the argument of `serve()`, replaces everything but `MIRASTACK_REQUIRE_AUTH`.
        """
        required = REQUIRE_AUTH.read(environ, errors)
        if given is not None:
            others = [one for one in SECURITY_VARIABLES if one is not REQUIRE_AUTH]
            ignored = tuple(variable.name for variable in others if variable.is_set(environ))
            return cls(security=given, names=ARGUMENT_NAMES, required=required, ignored=ignored)
        found = len(errors)
        errors += _contradictions(environ)
        parts = _server(environ, errors), _client(environ, errors)
        token = AUTH_TOKEN.read(environ, errors)
        token_file = AUTH_TOKEN_FILE.read(environ, errors)
        if len(errors) > found:
            return cls(required=required)
        server, client = parts
        security = Security(server=server, client=client, token=token, token_file=token_file)
        return cls(security=security, required=required)


def _contradictions(environ: Mapping[str, str]) -> list[str]:
    errors = [
        f"{first.name} needs {second.name}: it has no effect without it"
        for first, second in _NEEDS
        if first.is_set(environ) and not second.is_set(environ)
    ]
    errors += set_twice(AUTH_TOKEN.name, environ)
    if ENGINE_TLS.read(environ, []) is False:
        errors += [
            f"{variable.name} contradicts {ENGINE_TLS.name}=false: unset one of them"
            for variable in _IMPLY_ENGINE_TLS
            if variable.is_set(environ)
        ]
    return errors


def _server(environ: Mapping[str, str], errors: list[str]) -> ServerTls | None:
    certificate = PLUGIN_CERT.read(environ, errors)
    key = PLUGIN_KEY.read(environ, errors)
    client_ca = PLUGIN_CLIENT_CA.read(environ, errors)
    client_names = PLUGIN_CLIENT_NAMES.read(environ, errors)
    if certificate is None or key is None or (client_names and client_ca is None):
        return None
    return ServerTls(
        certificate=certificate, key=key, client_ca=client_ca, client_names=client_names
    )


def _client(environ: Mapping[str, str], errors: list[str]) -> ClientTls | None:
    wanted = ENGINE_TLS.read(environ, errors)
    certificate = ENGINE_CERT.read(environ, errors)
    key = ENGINE_KEY.read(environ, errors)
    ca = ENGINE_CA.read(environ, errors)
    server_name = ENGINE_SERVER_NAME.read(environ, errors)
    implied = any(variable.is_set(environ) for variable in _IMPLY_ENGINE_TLS)
    if not (wanted or implied) or (certificate is None) != (key is None):
        return None
    return ClientTls(ca=ca, certificate=certificate, key=key, server_name=server_name)
