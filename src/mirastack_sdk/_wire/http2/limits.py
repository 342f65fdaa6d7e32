"""The limits on what a peer may send, and how often."""

from mirastack_sdk._deferred.dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`burst` at once, then `per_second`, and `per_data_frame` for each DATA frame that we send."""

    burst: int
    per_second: float
    per_data_frame: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one connection; most defaults are those of nghttp2 and of Envoy at the edge.

    Headers beyond `max_header_list_size` fail their call. Beyond `max_header_block_size` they are
    not decoded, which ends the connection: all calls share the state of the compression.
    `initial_window` is how much of a body a stream may receive before the server asks for more. A
    server starts no call while more than `max_queued_bytes` of responses wait for the client or to
    be written. It spends at most `max_effort_per_turn` on a connection before it turns to the
    others; a new header counts as one, and so does a small DATA frame.
    `resets` counts requests that are reset before they run. They cost little, and an agent that was
    busy for a while reads all at once what its clients have begun and given up meanwhile.
    Pings and window updates are allowed in proportion to the data that we send, because peers send
    a PING for each burst of data to measure the bandwidth, and update windows as they read. So are
    `many_headers`, blocks of more than 100 headers: calls that are answered may have any number.
    """

    max_concurrent_streams: int = 1_000
    initial_window: int = 65_535
    max_frame_size: int = 16_384
    max_header_list_size: int = 64 * 1024
    max_header_block_size: int = 256 * 1024
    max_continuations: int = 64
    max_settings_per_frame: int = 32
    max_control_frames_queued: int = 1_000
    max_queued_bytes: int = 8 * 1024 * 1024
    max_effort_per_turn: int = 2_000
    resets: Rate = Rate(burst=4_000, per_second=400)
    useless_frames: Rate = Rate(burst=1_000, per_second=33)
    settings_frames: Rate = Rate(burst=100, per_second=10)
    pings: Rate = Rate(burst=1_000, per_second=100, per_data_frame=1)
    # A list of `max_header_list_size` costs 120.
    many_headers: Rate = Rate(burst=1_000, per_second=33, per_data_frame=128)
    window_updates: Rate = Rate(burst=10_000, per_second=10_000, per_data_frame=10)
