"""The values of variables that are addresses: to listen on, to dial, and to be dialled at."""

from mirastack_sdk._core.settings.address import Address, AddressError
from mirastack_sdk._core.settings.variable import InvalidValueError


def listening_address(text: str) -> Address:
    """Read an address to listen on."""
    try:
        return Address.parse(text)
    except AddressError as error:
        raise InvalidValueError(str(error)) from None


def dialled_address(text: str) -> Address:
    """Read an address that this process dials."""
    address = listening_address(text)
    if not address.host:
        raise InvalidValueError("the host is missing")
    if address.port == 0:
        raise InvalidValueError("port 0 cannot be dialled")
    return address


def advertised_address(text: str) -> Address:
    """Read an address that the engine dials back."""
    address = dialled_address(text)
    if address.is_any_interface:
        raise InvalidValueError("the engine cannot dial all interfaces back, write a host name")
    return address
