"""TLS for both ends, between a socket and the HTTP/2 protocol.

`TlsLayer` performs the handshake over OpenSSL's memory buffers and requires ALPN h2. `tls_server`
and `tls_client` supply its context: TLS 1.3, or TLS 1.2 with forward secrecy, made from PEM files
that are read again when they change. A handshake that fails becomes a `TlsError`, whose kind is
the sentence that users read.

Files and names come in, a wrapped protocol or an error goes out. Which files to use, and what to
advise for each kind of error, the runtime decides from its settings.
"""
