"""HAProxy and nginx as Debian ships them, between an engine and an agent."""

import grp
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

# Only for a process that a test has failed to end.
_TIMEOUT = 30.0
# Where Debian puts servers, which is not on everyone's PATH.
_FOLDERS = ("/usr/sbin", "/usr/local/sbin")

_HAPROXY = """
global
  log stderr format raw local0 err
defaults
  mode {mode}
  log global
  timeout connect 5s
  timeout client {idle}
  timeout server {idle}
"""
_HAPROXY_SITE = """
frontend from_{number}
  bind fd@{listener}{h2}
  default_backend to_{number}
backend to_{number}
  balance roundrobin
  option redispatch 1
{servers}
"""
_NGINX = """
daemon off;
user {user} {group};
pid {folder}/pid;
error_log stderr error;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_max_body_size 64m;
  client_body_temp_path {folder}/bodies;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  grpc_read_timeout 60s;
  {sites}
}}
"""
_NGINX_SITE = """
  server {{
    listen {address} http2;
    keepalive_requests 1000000;
    location / {{ grpc_pass grpc://to_{number}; }}
  }}
  upstream to_{number} {{ {servers} }}
"""


type Sites = Mapping[socket.socket, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A kind of proxy: its program, and how it treats connections."""

    program: str
    mode: str

    def command(self, folder: Path, sites: Sites, idle: str) -> Sequence[str]:
        """Write the proxy's configuration, and return the command that serves it."""
        path = folder / f"{self.program}.cfg"
        if self.program == "nginx":
            path.write_text(_nginx_config(folder, sites), encoding="utf-8")
            return ["nginx", "-p", str(folder), "-c", str(path)]
        path.write_text(self._haproxy_config(sites, idle), encoding="utf-8")
        return ["haproxy", "-db", "-q", "-f", str(path)]

    def _haproxy_config(self, sites: Sites, idle: str) -> str:
        h2 = " proto h2" if self.mode == "http" else ""
        return _HAPROXY.format(mode=self.mode, idle=idle) + "".join(
            _HAPROXY_SITE.format(
                number=number,
                listener=listener.fileno(),
                h2=h2,
                servers="\n".join(
                    f"  server server_{place} {target}{h2}" for place, target in enumerate(targets)
                ),
            )
            for number, (listener, targets) in enumerate(sites.items())
        )


HAPROXY_TCP = Proxy(program="haproxy", mode="tcp")
HAPROXY_HTTP = Proxy(program="haproxy", mode="http")
NGINX = Proxy(program="nginx", mode="grpc_pass")


@contextmanager
def proxied(
    proxy: Proxy, folder: Path, targets: Sequence[Sequence[str]], *, idle: str = "60s"
) -> Iterator[Sequence[str]]:
    """Run a proxy in front of each group of targets, which take turns; gives the addresses.

    HAProxy closes connections that have been silent for `idle`. Without the program, the test is
    skipped.
    """
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_FOLDERS))
    if shutil.which(proxy.program, path=path) is None:
        pytest.skip(f"no {proxy.program}: apt-get install {proxy.program}")
    with ExitStack() as stack:
        # The proxy is given sockets that listen already: who connects early waits in their queue.
        sites = {stack.enter_context(_listener()): target for target in targets}
        listeners = [listener.fileno() for listener in sites]
        process = subprocess.Popen(
            proxy.command(folder, sites, idle),
            pass_fds=listeners,
            env={"PATH": path, "NGINX": "".join(f"{number};" for number in listeners)},
        )
        try:
            yield [_address(listener) for listener in sites]
            assert process.poll() is None, f"{proxy.program} has ended by itself"
        finally:
            process.terminate()
            try:
                process.wait(_TIMEOUT)
            finally:
                process.kill()


def free_port() -> int:
    """A port for an agent, which the proxy must know before the agent listens.

    It is below those that systems give to connections, one of which could take it meanwhile.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _nginx_config(folder: Path, sites: Sites) -> str:
    return _NGINX.format(
        folder=folder,
        user=pwd.getpwuid(os.getuid()).pw_name,
        group=grp.getgrgid(os.getgid()).gr_name,
        sites="".join(
            _NGINX_SITE.format(
                number=number,
                address=_address(listener),
                servers=" ".join(f"server {target} max_fails=0;" for target in targets),
            )
            for number, (listener, targets) in enumerate(sites.items())
        ),
    )


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=64)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"{host}:{port}"
