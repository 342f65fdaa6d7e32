"""Ends a process whose program has ended, and which only threads of the author's keep alive."""

import logging
import os
import sys
import threading

from mirastack_sdk._log import Log

_LOG = Log("agent")

_SPARE_SECONDS = 1.0
_LOOK_SECONDS = 0.1


def outlive_no_threads(*, status: int = 0, spare: float = _SPARE_SECONDS) -> None:
    """End the process with `status` when it still lives `spare` seconds after its program's end.

    Python waits for every thread that is no daemon, and for those of executors, however long they
    block. What the program does after `serve()` is none of this module's business.
    """
    watching = threading.Thread(
        target=_watch, args=(status, spare), name="mirastack-last-threads", daemon=True
    )
    watching.start()


def _watch(status: int, spare: float) -> None:
    pause = threading.Event()
    while not _program_has_ended():
        pause.wait(_LOOK_SECONDS)
    pause.wait(spare)
    names = [thread.name for thread in threading.enumerate() if not thread.daemon]
    _LOG.warning("ended by force: threads have not ended: %s", ", ".join(names))
    logging.shutdown()
    os._exit(status)


def _program_has_ended() -> bool:
    """Whether the main thread merely waits for the others."""
    main = threading.main_thread()
    if not main.is_alive():
        return True
    frame = sys._current_frames().get(main.ident or 0)  # noqa: SLF001 - documented, and the only way to another thread's place
    if frame is None:
        return False
    while frame.f_back is not None:
        frame = frame.f_back
    code = frame.f_code
    return (code.co_filename, code.co_name) == (threading.__file__, "_shutdown")
