"""The loading of gRPC's own services when they are first called."""

from functools import partial

from mirastack_sdk._core.settings.process_settings import Settings
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.codec.encoding import Encoding
from mirastack_sdk._wire.server.lazy_service import LazyService, Loaded

_AGENT = "mirastack.plugin.v1.PluginService"
_HEALTH = "grpc.health.v1.Health"
_REFLECTION = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
_NAMES = (_AGENT, _HEALTH, *_REFLECTION)


def standard_services(status: ServingStatus, settings: Settings) -> tuple[LazyService, LazyService]:
    """Return health checking and reflection."""
    reflection = frozenset(f"/{name}/ServerReflectionInfo" for name in _REFLECTION)
    return (
        LazyService(
            paths=frozenset(f"/{_HEALTH}/{method}" for method in ("Check", "List", "Watch")),
            load=partial(_load_health, status),
            needs_token=not settings.health.without_token,
        ),
        LazyService(paths=reflection, load=partial(_load_reflection, status), sequences=reflection),
    )


def _load_health(status: ServingStatus) -> Loaded:
    from mirastack_sdk._gen.grpc.health.v1 import gojson_codec, protobuf_codec  # noqa: PLC0415 - loaded when called
    from mirastack_sdk._runtime.standard_services.health_service import HealthService  # noqa: PLC0415 - loaded when called

    codecs = {Encoding.PROTOBUF: protobuf_codec.CODECS, Encoding.JSON: gojson_codec.CODECS}
    return HealthService(status, _NAMES).__mapping__(), codecs


def _load_reflection(status: ServingStatus) -> Loaded:
    from mirastack_sdk._gen.grpc.reflection.v1 import gojson_codec, protobuf_codec  # noqa: PLC0415 - loaded when called
    from mirastack_sdk._runtime.standard_services.reflection_service import ReflectionService  # noqa: PLC0415 - loaded when called

    codecs = {Encoding.PROTOBUF: protobuf_codec.CODECS, Encoding.JSON: gojson_codec.CODECS}
    return ReflectionService(status, _NAMES).__mapping__(), codecs
