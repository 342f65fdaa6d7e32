"""Why a required ratio is missed: by the name of the case and that of the system.

The report prints the reasons of those that the run has missed.
"""

from collections.abc import Mapping

REASONS: Mapping[tuple[str, str], str] = {
    ("execute-1", "ours"): (
        "with one call at a time, each costs a read, a write and a turn of asyncio's loop, which "
        "take as much as all the rest of it (a call takes 82 µs on 32 connections and 42 µs on "
        "one), and half of the round trip is the client's and the kernel's, who wake each other "
        "up"
    ),
    ("start", "ours"): (
        "loading takes 516 million instructions, of which asyncio needs 276, and betterproto and "
        "its messages 25; what is left loads about 160 modules; grpcio and google protobuf load in "
        "410, since they are compiled, and asyncio with them"
    ),
}
