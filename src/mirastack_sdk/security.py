"""TLS, mTLS and the bearer token of an agent, for `serve(plugin, security=...)`."""

from mirastack_sdk._core.settings.security_options import ClientTls, Security, ServerTls

__all__ = ["ClientTls", "Security", "ServerTls"]
