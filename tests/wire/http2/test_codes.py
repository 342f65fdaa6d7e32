"""The numbers of HTTP/2 are those of another implementation."""

from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from mirastack_sdk._wire.http2.codes import ErrorCode, Setting


def test_error_codes_are_those_of_the_standard() -> None:
    """Each name has the number that h2 gives it, and none is missing."""
    assert {code.name: code.value for code in ErrorCode} == {
        code.name: code.value for code in ErrorCodes
    }


def test_settings_are_those_of_the_standard() -> None:
    """Each name has the number that h2 gives it."""
    for setting in Setting:
        assert SettingCodes[setting.name].value == setting.value
