"""`grpc.health.v1`: whether the agent serves, for Kubernetes, load balancers and clients."""

from collections.abc import AsyncIterator, Collection

from mirastack_sdk._gen.grpc.health.v1.messages import (
    HealthCheckRequest,
    HealthCheckResponse,
    HealthCheckResponseServingStatus,
    HealthListRequest,
    HealthListResponse,
)
from mirastack_sdk._gen.grpc.health.v1.services import HealthBase
from mirastack_sdk._runtime.serving_status import ServingStatus
from mirastack_sdk._wire.grpc.status import CallRefused, Status

_STATUS = HealthCheckResponseServingStatus
# What kubelets ask for, whose probes can name a service. An agent that waits for its engine must
# neither be restarted nor be out of its Service: the engine dials it there before it registers it.
_LIVENESS = "liveness"
_READINESS = "readiness"
# How often the author's health check runs while somebody watches.
_CHECK_SECONDS = 5.0
_STOPPING = "the agent is shutting down"


class HealthService(HealthBase):
    """Tells of every service in `names`, and of the whole server, what the agent's status is.

    "liveness" is SERVING whenever it is asked for, and "readiness" while the agent takes calls,
    registered or not.
    """

    def __init__(self, status: ServingStatus, names: Collection[str]) -> None:
        self._status = status
        self._names = ("", _LIVENESS, _READINESS, *names)

    async def check(self, request: HealthCheckRequest) -> HealthCheckResponse:
        if request.service not in self._names:
            raise CallRefused(Status.NOT_FOUND, "there is no service of this name")
        return HealthCheckResponse(status=await self._now(request.service))

    async def list_(self, request: HealthListRequest) -> HealthListResponse:  # noqa: ARG002 - empty
        return HealthListResponse(
            statuses={
                name: HealthCheckResponse(status=await self._now(name)) for name in self._names
            }
        )

    async def watch(self, request: HealthCheckRequest) -> AsyncIterator[HealthCheckResponse]:
        is_known = request.service in self._names
        timeout = _CHECK_SECONDS if is_known and self._status.checks_health else None
        sent: HealthCheckResponseServingStatus | None = None
        while True:
            now = await self._now(request.service) if is_known else _STATUS.SERVICE_UNKNOWN
            if now is not sent:
                sent = now
                yield HealthCheckResponse(status=now)
            elif self._status.has_ended:
                raise CallRefused(Status.UNAVAILABLE, _STOPPING)
            else:
                await self._status.change(timeout)

    async def _now(self, name: str) -> HealthCheckResponseServingStatus:
        if name == _LIVENESS:
            return _STATUS.SERVING
        asked = self._status.is_ready if name == _READINESS else self._status.is_serving
        return _STATUS.SERVING if await asked() else _STATUS.NOT_SERVING
