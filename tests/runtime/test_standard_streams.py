"""Writing to pipes that are full, closed or replaced."""

import fcntl
import io
import json
import logging
import os
import struct
import termios
import threading
import time
from collections.abc import Iterator
from typing import TextIO

import pytest

from mirastack_sdk._runtime import standard_streams
from mirastack_sdk._runtime.log_output.sdk_handler import SdkHandler
from mirastack_sdk._runtime.standard_streams import LineWriter, write_in_time

_EVER = threading.Event()

type Pipe = tuple[int, TextIO]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A pipe: the descriptor to read from, and a stream to write to."""
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    yield reading, stream
    os.close(reading)
    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    stream.close()


def _fill(stream: TextIO) -> int:
    os.set_blocking(stream.fileno(), False)
    written = 0
    for size in (4096, 1):
        try:
            while True:
                written += os.write(stream.fileno(), b"." * size)
        except BlockingIOError:
            pass
    os.set_blocking(stream.fileno(), True)
    return written


def _read(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(descriptor, size - len(data))
    return data


def test_a_pipe_with_room_takes_everything(pipe: Pipe) -> None:
    """What was printed before comes first, and the pipe blocks again as before."""
    print("before", file=pipe[1])
    assert write_in_time(pipe[1], "after\n")
    assert _read(pipe[0], 13) == b"before\nafter\n"
    assert os.get_blocking(pipe[1].fileno())


def test_what_the_encoding_lacks_is_escaped(pipe: Pipe) -> None:
    """A line with half a surrogate pair, such as from a file name, is not lost."""
    assert write_in_time(pipe[1], "\udcff\n")
    assert _read(pipe[0], 7) == b"\\udcff\n"


def test_a_full_pipe_is_given_up_in_time(pipe: Pipe) -> None:
    """The pipe blocks again as before."""
    _fill(pipe[1])
    assert not write_in_time(pipe[1], "text\n", 0.01)
    assert os.get_blocking(pipe[1].fileno())


def _wait_until_full(descriptor: int, size: int) -> None:
    """Wait until so many bytes can be read, for at most ten seconds."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        (ready,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
        if ready >= size:
            return
        os.sched_yield()


def test_a_slow_reader_gets_everything(pipe: Pipe) -> None:
    """What waits is written as the reader makes room, first for a part of it."""
    filled, text = _fill(pipe[1]), "x" * 5_000
    data: list[bytes] = []

    def read() -> None:
        # The writer has found the pipe full when it waits in select().
        _EVER.wait(0.05)
        data.append(_read(pipe[0], 4_096))
        _wait_until_full(pipe[0], filled)
        data[0] += _read(pipe[0], filled + len(text) - 4_096)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert write_in_time(pipe[1], text, 10)
    reader.join(10)
    assert not reader.is_alive()
    assert data[0][filled:] == text.encode()


def test_a_pipe_without_a_reader_is_reported() -> None:
    """There is nobody to write to, and nothing is raised."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    assert not write_in_time(stream, "text\n")
    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    stream.close()


def test_a_closed_stream_is_reported() -> None:
    """The author may have closed it."""
    stream = io.StringIO()
    stream.close()
    assert not write_in_time(stream, "text\n")


def test_a_stream_without_a_descriptor_is_written_to() -> None:
    """The author may have put another one in its place."""
    stream = io.StringIO()
    assert write_in_time(stream, "text\n")
    LineWriter(stream).write("line\n")
    assert stream.getvalue() == "text\nline\n"


def test_lines_for_a_full_pipe_wait_and_are_dropped_in_the_end(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing never waits, memory stays bounded, and the reader learns how many lines are lost."""
    monkeypatch.setattr(standard_streams, "_MOST_LINES", 3)
    filled, lines = _fill(pipe[1]), LineWriter(pipe[1])
    for number in range(10):
        lines.write(f"line {number}\n")
    lines.wait(0.01)
    data = _read(pipe[0], filled)
    while not data.endswith(b"line 2\n"):
        data += _read(pipe[0], 1)
    written = data[filled:].decode().splitlines()
    notes = [line for line in written if line.endswith(" log lines were dropped: nobody read them")]
    assert sum(int(note.split()[0]) for note in notes) == 7
    assert [line for line in written if line not in notes] == ["line 0", "line 1", "line 2"]
    lines.write("line 10\n")
    lines.wait(10)
    assert _read(pipe[0], 8) == b"line 10\n"


def test_lost_lines_are_counted_in_the_format_of_the_log(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader of JSON lines finds nothing else."""
    monkeypatch.setattr(standard_streams, "_MOST_LINES", 3)
    monkeypatch.setattr("sys.stderr", pipe[1])
    filled, handler = _fill(pipe[1]), SdkHandler("json")
    for number in range(10):
        handler.emit(logging.makeLogRecord({"msg": str(number), "levelname": "INFO"}))
    data = _read(pipe[0], filled)
    while b'"message":"2"' not in data:
        data += _read(pipe[0], 1)
    data += _read(pipe[0], 2)
    records = [json.loads(line) for line in data[filled:].splitlines()]
    lost = [one["message"] for one in records if one["level"] == "WARNING"]
    assert sum(int(text.split()[0]) for text in lost) == 7
    assert [one["message"] for one in records if one["level"] == "INFO"] == ["0", "1", "2"]


def test_without_a_thread_lines_are_written_at_once(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may have no thread left, and a Python that is ending starts none."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", refuse)
        lines = LineWriter(pipe[1])
        lines.write("line 0\n")
        assert _read(pipe[0], 7) == b"line 0\n"
    lines.write("line 1\n")
    assert _read(pipe[0], 7) == b"line 1\n"


def test_a_forked_process_writes_its_own_lines_once(pipe: Pipe) -> None:
    """It has a thread of its own, and no lines of its parent."""
    filled, lines = _fill(pipe[1]), LineWriter(pipe[1])
    lines.write("of the parent\n")
    child = os.fork()
    if child == 0:
        lines.write("of the child\n")
        lines.wait(10)
        os._exit(0)
    data = _read(pipe[0], filled + 27)[filled:]
    os.waitpid(child, 0)
    assert sorted(data.decode().splitlines()) == ["of the child", "of the parent"]


def test_what_has_no_standard_error_logs_nothing() -> None:
    """As a service on Windows, or after `2>&-`: there is no stream, which is no error."""
    threads = threading.active_count()
    writer = LineWriter(None)
    writer.write("line\n")
    writer.wait(0)
    assert threading.active_count() == threads


def test_nothing_can_be_written_to_a_stream_that_is_missing() -> None:
    """The port line is lost, which the log says; and there is nothing left to write."""
    assert not write_in_time(None, "line\n")
    assert write_in_time(None)
