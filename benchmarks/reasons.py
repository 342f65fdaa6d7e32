"""Why a required ratio is missed: by the name of the case and that of the system.

The report prints the reasons of those that the run has missed.
"""

from collections.abc import Mapping

REASONS: Mapping[tuple[str, str], str] = {
    ("execute-1", "ours"): (
        "with one call at a time, each takes a read, a write and a turn of asyncio's loop, which "
        "is 60 of its 357 thousand instructions; the SDK's part takes 34 µs right after another "
        "call, and 40 µs or more after the kernel's TCP code or the client has used the same "
        "caches; the rest of the round trip is the kernel's and the client's, who wake each other "
        "up"
    ),
    ("execute-1", "compiled"): (
        "as in the pure build; the SDK's part takes 28 µs instead of 34 right after another call, "
        "but as long as in the pure build after the kernel's TCP code, since compiled code is "
        "larger and has to be fetched into the caches again"
    ),
    ("start", "ours"): (
        "loading takes 516 million instructions, of which asyncio needs 276, and betterproto and "
        "its messages 25; what is left loads about 160 modules; grpcio and google protobuf load in "
        "410, since they are compiled, and asyncio with them"
    ),
}
