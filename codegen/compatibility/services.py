"""The changes of services and their rpcs."""

from collections.abc import Iterator

from codegen.compatibility.changes import Change, Contracts
from codegen.compatibility.facts import MethodFacts, ServiceFacts

_ADD_ANOTHER = "keep it, and add an rpc with a new name"


def service_changes(
    contracts: Contracts, title: str, old: ServiceFacts, new: ServiceFacts
) -> Iterator[Change]:
    """Return the changes between a service of the last release and the same service now."""
    for name, before in old.methods.items():
        if name in new.methods:
            yield from _method_changes(contracts, f"{title}.{name}", before, new.methods[name])
        else:
            yield Change(
                place=new.place,
                fact=f"rpc {title}.{name} was removed",
                harm="peers of the last release get UNIMPLEMENTED when they call it, and programs "
                "that use it fail",
                instead="keep it as deprecated",
            )
    for name, method in new.methods.items():
        if name not in old.methods:
            yield Change(place=method.place, fact=f"rpc {title}.{name} was added")


def _method_changes(
    contracts: Contracts, title: str, old: MethodFacts, new: MethodFacts
) -> Iterator[Change]:
    types = (
        ("request", contracts.today(old.request), new.request, old.request),
        ("response", contracts.today(old.response), new.response, old.response),
    )
    for side, today, now, before in types:
        if today != now:
            yield Change(
                place=new.place,
                fact=f"the {side} of rpc {title} was {contracts.old.short(before)} and is now "
                f"{contracts.new.short(now)}",
                harm="peers of the last release read one message as another, and programs that "
                "use it fail",
                instead=_ADD_ANOTHER,
            )
    streams = (
        ("request", old.client_streaming, new.client_streaming),
        ("response", old.server_streaming, new.server_streaming),
    )
    for side, streamed, streams_now in streams:
        if streamed != streams_now:
            yield _stream_change(title, side, streams_now, new)
    if old.deprecated != new.deprecated:
        text = "now" if new.deprecated else "no longer"
        yield Change(place=new.place, fact=f"rpc {title} is {text} deprecated")


def _stream_change(title: str, side: str, is_stream: bool, new: MethodFacts) -> Change:
    kinds = ("one message", "a stream") if is_stream else ("a stream", "one message")
    return Change(
        place=new.place,
        fact=f"the {side} of rpc {title} was {kinds[0]} and is now {kinds[1]}",
        harm="a peer of the last release fails at any other number of messages than one, and "
        "programs that use it fail",
        instead=_ADD_ANOTHER,
    )
