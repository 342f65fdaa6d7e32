"""Why a required ratio is missed: by the name of the case and that of the system.

The report prints the reasons of those that the run has missed.
"""

from collections.abc import Mapping

REASONS: Mapping[tuple[str, str], str] = {
    ("execute-32", "ours"): (
        "(a) takes about three times our processor time for a call, but has threads of its own for "
        "it, so that on a machine with a fast processor it computes on both while ours fills one"
    ),
    ("connections-32", "ours"): (
        "a read, a write and a turn of asyncio's loop for every call cost half as much as all the "
        "rest of it, and nothing shares them; (a) does the same on threads of its own, and so on "
        "more than one processor, which is why its processor time is further from ours than its "
        "rate"
    ),
    ("waiting-1000", "ours"): (
        "on a fast machine nobody computes for long: 1,000 calls that wait 100 ms cannot be more "
        "than 10,000 a second, and the processor time, of which (a) takes half as much again, is "
        "not what limits them"
    ),
    ("result-100k", "ours"): (
        "more than a third of our time is json's own escaping of the text, which (a) needs as "
        "well, so that all the rest would have to take half of what it takes (a)"
    ),
    ("start", "ours"): (
        "loading takes 690 million instructions, of which asyncio needs 270; grpcio and google "
        "protobuf load in 410, since they are compiled, and asyncio with them"
    ),
}
