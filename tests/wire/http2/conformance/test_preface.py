"""RFC 9113 section 3.4: how a connection begins."""

import pytest

from mirastack_sdk._wire.http2.codes import ErrorCode, Role
from mirastack_sdk._wire.http2.connection import Connection
from mirastack_sdk._wire.http2.events import (
    ConnectionEnded,
    Event,
    HeadersReceived,
    SettingsReceived,
)
from tests.wire.http2.conformance.blocks import REQUEST, block
from tests.wire.http2.conformance.cases import assert_over
from tests.wire.http2.conformance.frames import (
    ACK,
    GOAWAY,
    PREFACE,
    SETTINGS,
    Frame,
    data,
    goaway,
    headers,
    ping,
    raw,
    read,
    settings,
    unknown,
    window_update,
)

_UNLIMITED = 2**32 - 1
_ENABLE_PUSH = 2

# Name, role, what comes first, the code that it ends with.
BROKEN = [
    ("rfc9113-3.4-preface-of-http1", Role.SERVER, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("rfc9113-3.4-preface-wrong-in-its-first-octet", Role.SERVER, b"p"),
    (
        "rfc9113-3.4-preface-wrong-in-its-last-octet",
        Role.SERVER,
        PREFACE[:-1] + b"\r" + settings(),
    ),
    ("rfc9113-3.4-preface-of-tls", Role.SERVER, bytes.fromhex("160301020001")),
    ("rfc9113-3.4-settings-without-preface", Role.SERVER, settings()),
    ("rfc9113-3.4-ping-before-settings-server", Role.SERVER, PREFACE + ping()),
    (
        "rfc9113-3.4-headers-before-settings-server",
        Role.SERVER,
        PREFACE + headers(1, block(*REQUEST)),
    ),
    ("rfc9113-3.4-window-update-before-settings", Role.SERVER, PREFACE + window_update(0, 1)),
    ("rfc9113-3.4-unknown-frame-before-settings", Role.SERVER, PREFACE + unknown()),
    ("rfc9113-3.4-settings-ack-before-settings", Role.SERVER, PREFACE + raw(SETTINGS, ACK, 0)),
    ("rfc9113-3.4-ping-before-settings-client", Role.CLIENT, ping()),
    ("rfc9113-3.4-goaway-before-settings-client", Role.CLIENT, goaway(0)),
    ("rfc9113-3.4-data-before-settings-client", Role.CLIENT, data(1)),
]

# Name, role, what comes first, its events.
GOOD: list[tuple[str, Role, bytes, list[Event]]] = [
    (
        "rfc9113-3.4-preface-and-empty-settings",
        Role.SERVER,
        PREFACE + settings(),
        [SettingsReceived(_UNLIMITED)],
    ),
    (
        "rfc9113-3.4-preface-and-settings",
        Role.SERVER,
        PREFACE + settings((3, 7)),
        [SettingsReceived(7)],
    ),
    (
        "rfc9113-3.4-request-after-the-preface-at-once",
        Role.SERVER,
        PREFACE + settings() + headers(1, block(*REQUEST)),
        [SettingsReceived(_UNLIMITED), HeadersReceived(1, REQUEST, False)],
    ),
    ("rfc9113-3.4-servers-settings", Role.CLIENT, settings((3, 9)), [SettingsReceived(9)]),
]


def _receive(connection: Connection, sent: bytes, *, bytewise: bool) -> list[Event]:
    pieces = [sent[at : at + 1] for at in range(len(sent))] if bytewise else [sent]
    return [event for piece in pieces for event in connection.receive(piece, 0.0)]


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize(("role", "sent"), [pytest.param(*row[1:], id=row[0]) for row in BROKEN])
def test_a_connection_that_begins_otherwise_ends(role: Role, sent: bytes, bytewise: bool) -> None:
    """Anything but the client's preface and SETTINGS is a PROTOCOL_ERROR."""
    connection = Connection(role)
    connection.data_to_send()
    (event,) = _receive(connection, sent, bytewise=bytewise)
    assert isinstance(event, ConnectionEnded)
    assert event.code == ErrorCode.PROTOCOL_ERROR
    (goaway_frame,) = read(connection.data_to_send())
    assert goaway_frame == Frame(GOAWAY, 0, 0, goaway(0, 1, event.reason.encode())[9:])
    assert_over(connection)


@pytest.mark.parametrize("bytewise", [False, True])
@pytest.mark.parametrize(
    ("role", "sent", "events"), [pytest.param(*row[1:], id=row[0]) for row in GOOD]
)
def test_a_connection_begins(role: Role, sent: bytes, events: list[Event], bytewise: bool) -> None:
    """The preface may arrive in pieces, and frames after it are processed at once."""
    connection = Connection(role)
    connection.data_to_send()
    assert _receive(connection, sent, bytewise=bytewise) == events
    assert read(connection.data_to_send()) == [Frame(SETTINGS, ACK, 0)]


def test_rfc9113_3_4_half_a_preface_is_waited_for() -> None:
    """An incomplete preface is not an error."""
    connection = Connection(Role.SERVER)
    assert connection.receive(PREFACE[:23], 0.0) == []
    assert not connection.ended


def test_rfc9113_3_4_a_client_speaks_first() -> None:
    """A client sends preface and SETTINGS, without push, before it receives anything."""
    opening = Connection(Role.CLIENT).data_to_send()
    assert opening.startswith(PREFACE)
    first = read(opening.removeprefix(PREFACE))[0]
    assert first[:3] == (SETTINGS, 0, 0)
    assert _ENABLE_PUSH.to_bytes(2) + bytes(4) in first.payload


def test_rfc9113_3_4_a_server_begins_with_settings() -> None:
    """A server's first frame is SETTINGS, without the setting that only clients may send."""
    first = read(Connection(Role.SERVER).data_to_send())[0]
    assert first[:3] == (SETTINGS, 0, 0)
    numbers = {int.from_bytes(first.payload[at : at + 2]) for at in range(0, 36, 6)}
    assert _ENABLE_PUSH not in numbers


def test_rfc9113_3_4_two_of_our_own_connections_agree() -> None:
    """Our client's and our server's first frames are valid to each other, and acknowledged."""
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    assert server.receive(client.data_to_send(), 0.0) == [SettingsReceived(_UNLIMITED)]
    assert client.receive(server.data_to_send(), 0.0) == [SettingsReceived(1_000)]
    assert server.receive(client.data_to_send(), 0.0) == []
    assert not client.ended
    assert not server.ended
