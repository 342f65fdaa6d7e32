"""The protection of connections: security settings in, TLS and the token of the wire out.

`protection` decides, and `protection_files` reads certificates, keys, CAs and tokens. Only agents
with TLS or a token load the latter, and with it the wire's TLS.
"""
