"""Calls of the author's code while a target is loaded, and what is shown if one fails."""

import os
import sysconfig
import traceback
from collections.abc import Callable

from mirastack_sdk._cli.command_error import CommandError
from mirastack_sdk._cli.exit_status import ExitStatus
from mirastack_sdk._runtime.serve import ServedWhileLoadingError, loading_only
from mirastack_sdk.errors import InvalidPluginError

_SDK = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
# Compiled functions have names of files that are relative to the folder of the package.
_COMPILED = f"{__name__.partition('.')[0]}{os.sep}"
_PYTHON = tuple(
    sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def load[Loaded](function: Callable[[], Loaded], what: str) -> Loaded:
    """Call a function of the author; `what` says in an error what it did.

    Raises `CommandError` with the author's frames if it fails, exits or serves.
    """
    try:
        with loading_only():
            return function()
    except CommandError:
        raise
    except ServedWhileLoadingError as error:
        raise CommandError(
            f'{what} calls {error}: put the call below `if __name__ == "__main__":`',
            status=ExitStatus.NO_AGENT,
            details=author_traceback(error),
        ) from error
    except SystemExit as error:
        # As Python does: an int is a status, and anything else is the reason.
        is_status = error.code is None or isinstance(error.code, int)
        how = f"exits with status {error.code or 0}" if is_status else f"exits: {error.code}"
        raise CommandError(
            f"{what} {how}",
            status=ExitStatus.NO_AGENT,
            details=author_traceback(error),
        ) from error
    except InvalidPluginError as error:
        raise CommandError(
            f"{what} fails: {'; '.join(error.violations)}", status=ExitStatus.NO_AGENT
        ) from error
    except Exception as error:
        raise CommandError(
            f"{what} fails: {summary(error)}",
            status=ExitStatus.NO_AGENT,
            details=author_traceback(error),
        ) from error


def summary(error: BaseException) -> str:
    """The type and the text of an exception in one line."""
    text = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    return text.removeprefix("builtins.")


def author_traceback(error: BaseException) -> str:
    """The traceback of an exception, without the frames of libraries; empty if none is left."""
    formatted = traceback.TracebackException.from_exception(error)
    shown: traceback.TracebackException | None = formatted
    while shown is not None:
        shown.stack = traceback.StackSummary.from_list(
            [frame for frame in shown.stack if is_authors(frame.filename)]
        )
        shown = shown.__cause__ or shown.__context__
    has_place = formatted.stack or isinstance(error, SyntaxError)
    return "".join(formatted.format()).rstrip() if has_place else ""


def is_authors(filename: str) -> bool:
    """Whether a file is the author's: not of Python, an installed package or the SDK."""
    return not filename.startswith(("<", _SDK, _COMPILED, *_PYTHON))
