"""An address is host:port; the error for any other text says why."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mirastack_sdk._core.settings.address import Address, AddressError


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("engine:9090", "engine", 9090),
        ("engine.mirastack.svc.cluster.local:9090", "engine.mirastack.svc.cluster.local", 9090),
        ("engine.example.:9090", "engine.example.", 9090),
        ("my_engine-1:1", "my_engine-1", 1),
        ("10.0.0.5:65535", "10.0.0.5", 65535),
        ("[::1]:9090", "::1", 9090),
        ("[2001:DB8::1]:9090", "2001:db8::1", 9090),
        ("[fe80::1%eth0]:9090", "fe80::1%eth0", 9090),
        ("[0:0:0:0:0:0:0:0]:9000", "::", 9000),
        ("[::ffff:10.0.0.5]:9000", "10.0.0.5", 9000),
        ("[::ffff:0:0]:9000", "0.0.0.0", 9000),  # noqa: S104 - only parsed
        (":9000", "", 9000),
        ("localhost:0", "localhost", 0),
    ],
)
def test_reads_every_form_of_host_and_port(text: str, host: str, port: int) -> None:
    """Names, IPv4, bracketed IPv6 and an empty host are accepted."""
    assert Address.parse(text) == Address(host, port)


@pytest.mark.parametrize(
    "text", ["engine:9090", "10.0.0.5:1", "[::1]:9090", "[fe80::1%eth0]:80", ":9000"]
)
def test_prints_what_it_read(text: str) -> None:
    """The text of an address parses to the same address, IPv6 in brackets."""
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("engine", "the port is missing"),
        ("engine:", "the port is missing"),
        ("[::1]", "the port is missing"),
        ("9000", "the port is missing"),
        ("engine:http", "the port is not a number from 0 to 65535"),
        ("engine:65536", "the port is not a number from 0 to 65535"),
        ("engine:-1", "the port is not a number from 0 to 65535"),
        ("engine:9_0", "the port is not a number from 0 to 65535"),
        ("engine:٩٠", "the port is not a number from 0 to 65535"),
        ("a:1,b:1", "write one address and no list; a name may have several addresses"),
        ("ipv4:10.0.0.5:9090", "leave ipv4: out, which only gRPC libraries understand"),
        ("ipv6:[::1]:9090", "leave ipv6: out, which only gRPC libraries understand"),
        ("dns:engine:9090", "leave dns: out, which only gRPC libraries understand"),
        ("passthrough:engine:9090", "leave passthrough: out, which only gRPC libraries understand"),
        ("::1:9090", "an IPv6 host belongs in brackets, such as [::1]:9090"),
        ("[engine]:9090", "what is in the brackets is not an IPv6 address"),
        ("[::1:9090", "an IPv6 host belongs in brackets, such as [::1]:9090"),
        (
            "[fe80::1]:9090",
            "a link-local address needs its interface, such as [fe80::1%eth0]:9090",
        ),
        ("[::1%]:9090", "what is in the brackets is not an IPv6 address"),
        ("10.0.0.256:9090", "the host is not an IPv4 address"),
        ("10.1:9090", "the host is not an IPv4 address"),
        ("10.0.0.05:9090", "the host is not an IPv4 address"),
        ("10.0.0.5.:9090", "the host is not an IPv4 address"),
        ("10.0..5:9090", "the host is not an IPv4 address"),
        (f"10.0.0.{'1' * 5000}:9090", "the host is not an IPv4 address"),
        ("eng ine:9090", "the host is not a host name"),
        ("engine..svc:9090", "the host is not a host name"),
        ("-engine:9090", "the host is not a host name"),
        ("*:9090", "the host is not a host name"),
        ("a,b:9090", "write one address and no list; a name may have several addresses"),
        ("a" * 64 + ":9090", "the host is not a host name"),
        (".".join(["a" * 60] * 5) + ":9090", "the host is not a host name"),
        ("user:secret@engine:9090", "an address has no user name or password"),
        ("engine:9090/api", "an address has no path"),
        (
            "http://engine:9090",
            "an address has no scheme, leave http:// out, write engine:9090",
        ),
        (
            "https://u:p@[::1]:9090/x?y",
            "an address has no scheme, leave https:// out, write [::1]:9090",
        ),
        (
            "dns:///engine:9090",
            "an address has no scheme, leave dns:// out, write engine:9090",
        ),
        ("http://engine", "an address has no scheme, leave http:// out"),
    ],
)
def test_says_what_is_wrong_with_other_text(text: str, message: str) -> None:
    """Each kind of mistake has its own message."""
    with pytest.raises(AddressError) as refusal:
        Address.parse(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(("host", "any_interface"), [("", True), ("0.0.0.0", True), ("::", True)])  # noqa: S104 - only parsed
def test_knows_the_hosts_that_stand_for_all_interfaces(host: str, any_interface: bool) -> None:
    """An address that means all interfaces cannot be dialled."""
    assert Address(host, 1).is_any_interface is any_interface


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "engine"])
def test_other_hosts_are_one_place(host: str) -> None:
    """A name or a specific address can be dialled."""
    assert not Address(host, 1).is_any_interface


@given(st.text(max_size=300))
@example("a" * 100_000 + "!:1")
@example("http://" * 200 + "engine:9090")
@example("[" * 10_000)
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    """Any text is parsed or refused; what is parsed can be printed and parsed again."""
    try:
        address = Address.parse(text)
    except AddressError:
        return
    assert Address.parse(str(address)) == address
