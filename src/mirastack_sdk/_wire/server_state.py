"""What all connections of a server share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grpclib.const import Handler

from mirastack_sdk._log import Log, SparingLog
from mirastack_sdk._wire.bearer import BearerToken
from mirastack_sdk._wire.channel_codec import ChannelCodec
from mirastack_sdk._wire.door import Door
from mirastack_sdk._wire.encoding import Encoding
from mirastack_sdk._wire.http2.limits import Limits
from mirastack_sdk._wire.patience import Patience
from mirastack_sdk._wire.server_call import ServerCall
from mirastack_sdk._wire.tls_server import ServerSecurity
from mirastack_sdk._wire.turns import Turns
from mirastack_sdk._wire.verdicts import Verdicts

DEFAULT_MAX_CONNECTIONS = 1_000

_LOG = Log("server")


@dataclass(slots=True, kw_only=True, eq=False)
class ServerState:
    """What all connections of a server share.

    `running` holds every call whose handler has not ended. While `draining`, every connection, new
    ones too, asks its client to make its next calls elsewhere; once `closed`, none stays.
    """

    methods: Mapping[str, Handler]
    codecs: Mapping[Encoding, ChannelCodec]
    limits: Limits
    patience: Patience = field(default_factory=Patience)
    door: Door = field(default_factory=lambda: Door(DEFAULT_MAX_CONNECTIONS))
    turns: Turns = field(default_factory=Turns)
    running: set[ServerCall] = field(default_factory=set)
    draining: bool = False
    closed: bool = False
    tls: ServerSecurity | None = None
    bearer: BearerToken | None = None
    verdicts: Verdicts = field(init=False)
    log: SparingLog = field(default_factory=lambda: SparingLog(_LOG))

    def __post_init__(self) -> None:
        self.verdicts = Verdicts(self.methods, self.bearer)
