"""The files that the security settings name, read again when they change."""

import os
from collections.abc import Callable, Sequence

from mirastack_sdk._core.settings.security_options import (
    ClientTls,
    PathLike,
    ServerTls,
    token_error,
)
from mirastack_sdk._core.settings.security_variables import SecurityNames
from mirastack_sdk._files.named_file import NamedFile, read_secret
from mirastack_sdk._files.reloaded_files import ReloadedFiles
from mirastack_sdk._wire.grpc.request_check import BearerToken
from mirastack_sdk._wire.tls.tls_client import ClientSecurity
from mirastack_sdk._wire.tls.tls_contexts import KeyPair
from mirastack_sdk._wire.tls.tls_server import ServerSecurity
from mirastack_sdk.errors import ConfigurationError

# The old token and the new one, while both are in use; some more, since nobody rotates one only.
_MOST_TOKENS = 10


def server_security(server: ServerTls | None, names: SecurityNames) -> ServerSecurity | None:
    if server is None:
        return None
    return ServerSecurity(
        KeyPair(_file(names.certificate, server.certificate), _file(names.key, server.key)),
        client_ca=_optional_file(names.client_ca, server.client_ca),
        client_names=server.client_names,
        names_setting=names.client_names,
    )


def client_security(client: ClientTls | None, names: SecurityNames) -> ClientSecurity | None:
    if client is None:
        return None
    key_pair = None
    if client.certificate is not None and client.key is not None:
        key_pair = KeyPair(
            _file(names.engine_certificate, client.certificate), _file(names.engine_key, client.key)
        )
    return ClientSecurity(
        authorities=_optional_file(names.engine_ca, client.ca),
        key_pair=key_pair,
        server_name=client.server_name or "",
    )


def bearer_token(
    token: str | None,
    path: PathLike | None,
    setting: str,
    *,
    notice: Callable[[Sequence[str]], None],
) -> BearerToken | None:
    """The token that callers must send: `token`, or one from the file at `path`; else `None`.

    `setting` names the file's setting. `notice` is called with the tokens as soon as they are read.
    Raises `ConfigurationError` for a file without a token.
    """
    if token is not None:
        notice([token])
        return BearerToken(lambda: token)
    if path is None:
        return None
    file = _file(setting, path)
    return BearerToken(ReloadedFiles([file.path], lambda: _tokens_in(file, notice)).current)


def _file(setting: str, path: PathLike) -> NamedFile:
    return NamedFile(setting, os.fspath(path))


def _optional_file(setting: str, path: PathLike | None) -> NamedFile | None:
    return None if path is None else _file(setting, path)


def _tokens_in(file: NamedFile, notice: Callable[[Sequence[str]], None]) -> str:
    """The tokens in a file, one on each line: the first is sent, and all of them are accepted."""
    tokens = [line.strip() for line in read_secret(file).splitlines()]
    tokens = [token for token in tokens if token]
    for token in tokens:
        problem = token_error(token)
        if problem is not None:
            raise ConfigurationError(f"{file.setting}: the token in {file} {problem}")
    if len(tokens) > _MOST_TOKENS:
        raise ConfigurationError(
            f"{file.setting}: {file} has {len(tokens)} tokens, expected at most {_MOST_TOKENS}"
        )
    notice(tokens)
    return "\n".join(tokens)
