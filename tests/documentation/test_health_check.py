"""The documented health check, as printed, against a backend on 127.0.0.1."""

import pytest

from tests.documentation.documentation import load_program, program_path
from tests.examples.fake_backend import running_backend

PROGRAM = load_program(program_path("health_check"))


async def test_a_healthy_backend_passes() -> None:
    """The check passes if the backend returns HTTP 200."""
    async with running_backend() as backend:
        await PROGRAM.MyPlugin(backend.url).health_check()


async def test_an_unhealthy_backend_raises_the_printed_sentence() -> None:
    """Any other status raises the printed exception."""
    async with running_backend() as backend:
        backend.break_down(503)
        with pytest.raises(RuntimeError, match=r"^backend returned HTTP 503$"):
            await PROGRAM.MyPlugin(backend.url).health_check()
