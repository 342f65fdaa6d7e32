"""The security options of an agent: TLS, mTLS and a bearer token, for `serve(security=...)`."""

from mirastack_sdk._core.settings.security_options import ClientTls, Security, ServerTls

__all__ = ["ClientTls", "Security", "ServerTls"]
