"""The variables of the port on which Prometheus reads the agent's metrics."""

from collections.abc import Mapping
from dataclasses import field

from mirastack_sdk._core.settings.address import Address
from mirastack_sdk._core.settings.address_values import listening_address
from mirastack_sdk._core.settings.security_options import token_error
from mirastack_sdk._core.settings.variable import (
    InvalidValueError,
    Variable,
    file_of,
    set_twice,
)
from mirastack_sdk._deferred.dataclasses import dataclass


def _token(text: str) -> str:
    if token_error(text) is not None:
        raise InvalidValueError
    return text


METRICS_ADDR: Variable[Address | None] = Variable(
    name="MIRASTACK_METRICS_ADDR",
    meaning="where Prometheus reads the agent's metrics, under /metrics; needs the extra metrics",
    default="none",
    expected='host:port such as "127.0.0.1:9464" or ":9464"',
    parse=listening_address,
    fallback=None,
)
METRICS_TOKEN: Variable[str | None] = Variable(
    name="MIRASTACK_METRICS_TOKEN",
    meaning="the bearer token that Prometheus must send",
    default="none",
    expected="visible ASCII characters without spaces",
    parse=_token,
    fallback=None,
    secret=True,
)
METRICS_TOKEN_FILE = file_of(METRICS_TOKEN, "that token")
METRICS_VARIABLES: tuple[Variable[object], ...] = (METRICS_ADDR, METRICS_TOKEN, METRICS_TOKEN_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Where metrics are served, if anywhere, and with which token."""

    addr: Address | None = METRICS_ADDR.fallback
    token: str | None = field(default=METRICS_TOKEN.fallback, repr=False)
    token_file: str | None = METRICS_TOKEN_FILE.fallback

    @property
    def has_token(self) -> bool:
        """Whether scrapers must send a token."""
        return self.token is not None or self.token_file is not None

    def takes_port_of(self, listen: Address) -> bool:
        """Whether metrics would be served on the very port that the agent listens on."""
        return self.addr is not None and self.addr == listen and listen.port != 0

    @classmethod
    def read(cls, environ: Mapping[str, str], errors: list[str]) -> "MetricsSettings":
        """Read the settings from `environ`; add a sentence to `errors` for each invalid value."""
        if not METRICS_ADDR.is_set(environ):
            errors += [
                f"{one.name} needs {METRICS_ADDR.name}: it has no effect without it"
                for one in (METRICS_TOKEN, METRICS_TOKEN_FILE)
                if one.is_set(environ)
            ]
        errors += set_twice(METRICS_TOKEN.name, environ)
        return cls(
            addr=METRICS_ADDR.read(environ, errors),
            token=METRICS_TOKEN.read(environ, errors),
            token_file=METRICS_TOKEN_FILE.read(environ, errors),
        )
