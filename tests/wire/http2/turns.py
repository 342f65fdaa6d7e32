"""The events of a connection, turn by turn."""

from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import Event


def turns(connection: Connection, data: bytes, now: float = 0.0) -> list[list[Event]]:
    """Return the events of each turn that `data` takes."""
    events = [connection.receive(data, now)]
    while connection.has_unread_frames:
        events.append(connection.receive(b"", now))
    return events


def all_events(connection: Connection, data: bytes, now: float = 0.0) -> list[Event]:
    """Return the events of all turns."""
    return [event for turn in turns(connection, data, now) for event in turn]
