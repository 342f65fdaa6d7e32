"""What is to be said of a certificate whose time is nearly up, once for each stage."""

import logging
import time

from mirastack_sdk._log import Log
from mirastack_sdk._wire.certificate import Validity
from mirastack_sdk._wire.pem_files import NamedFile

_LOG = Log("security")

_DAY = 86_400.0
_SOON = 7 * _DAY


def remark(validity: Validity, now: float) -> tuple[int, str] | None:
    """Return the level and the end of a sentence about a certificate, or `None` if all is well."""
    if now < validity.begins:
        return logging.ERROR, "is not valid yet, or this machine's clock is slow"
    if now >= validity.ends:
        return logging.ERROR, f"expired {_span(now - validity.ends)} ago"
    if validity.ends - now < _SOON:
        return logging.WARNING, f"expires in {_span(validity.ends - now)}"
    return None


class ExpiryWatch:
    """Logs what is to be said of one certificate, each level once."""

    def __init__(self, file: NamedFile, validity: Validity) -> None:
        self._file = file
        self._validity = validity
        self._said = logging.NOTSET
        self.look()

    def look(self) -> None:
        """Say what has become true since."""
        said = remark(self._validity, time.time())
        if said is not None and said[0] > self._said:
            self._said, text = said
            _LOG.log(
                self._said,
                "%s: the certificate in %s %s: replace it, it is read again when it changes",
                self._file.setting,
                self._file.path,
                text,
            )


def _span(seconds: float) -> str:
    days = int(seconds // _DAY)
    if days >= 2:
        return f"{days} days"
    hours = int(seconds // 3600)
    return f"{hours} hours" if hours >= 2 else f"{int(seconds // 60)} minutes"
