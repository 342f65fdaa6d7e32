from collections.abc import Collection, Mapping

from grpclib.client import Channel
from grpclib.metadata import Deadline

type MetadataLike = Mapping[str, str | bytes] | Collection[tuple[str, str | bytes]]

class ServiceStub:
    channel: Channel
    timeout: float | None
    deadline: Deadline | None
    metadata: MetadataLike | None
    def __init__(
        self,
        channel: Channel,
        *,
        timeout: float | None = ...,
        deadline: Deadline | None = ...,
        metadata: MetadataLike | None = ...,
    ) -> None: ...
