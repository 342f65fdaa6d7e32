"""What grpc_health_probe does with its options, done by grpcio."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import grpc
import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

_TIMEOUT = 20.0


def _options(command: Sequence[str]) -> argparse.Namespace:
    """Read the options as Go programs do, with one hyphen; an unknown one is an error."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    for name in ("-addr", "-service", "-tls-ca-cert", "-tls-server-name"):
        parser.add_argument(name, default="")
    parser.add_argument("-tls", action="store_true")
    return parser.parse_args(command[1:])


async def probe(command: Sequence[str], port: int, folder: Path | None = None) -> bool:
    """Whether an agent on `port` passes a probe, whose files are in `folder`."""
    options = _options(command)
    address = f"{options.addr.rpartition(':')[0]}:{port}"
    own: list[tuple[str, object]] = [("grpc.use_local_subchannel_pool", 1)]
    if options.tls:
        assert folder is not None
        ca = (folder / Path(options.tls_ca_cert).name).read_bytes()
        own.append(("grpc.ssl_target_name_override", options.tls_server_name))
        channel = grpc.aio.secure_channel(address, grpc.ssl_channel_credentials(ca), own)
    else:
        channel = grpc.aio.insecure_channel(address, own)
    async with channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            response = await check(HealthCheckRequest(service=options.service), timeout=_TIMEOUT)
        except grpc.aio.AioRpcError:
            return False
    return bool(response.status == HealthCheckResponse.SERVING)
