"""The engines that the benchmarks' agents call."""

import sys
from pathlib import Path

import pytest

from benchmarks.actions import CACHE_KEY, CACHED
from benchmarks.agents.by_hand import CACHE_GET
from benchmarks.engines import Engine, find_engine, python_engine
from benchmarks.execute import CONTENT_TYPES
from benchmarks.processes import ServerProcess, clean_environment
from benchmarks.raw_call import call
from mirastack_sdk._gen.messages import CacheGetRequest, CacheGetResponse
from mirastack_sdk._runtime.generated_codecs import CODECS
from mirastack_sdk._wire.codec.encoding import Encoding
from scripts.go_build import missing_packages


def engine(name: str, folder: Path) -> Engine:
    """Return one of the engines; skips the test if it cannot be built."""
    if name == "python":
        return python_engine("chosen by the test")
    missing = missing_packages()
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed")
    return find_engine(folder)


@pytest.mark.parametrize("name", ["python", "grpc-go"])
def test_every_engine_answers_with_the_cached_text(name: str, tmp_path: Path) -> None:
    """The agents get the same response from whichever engine they call."""
    chosen = engine(name, tmp_path)
    request = (
        CODECS[Encoding.PROTOBUF].for_type(CacheGetRequest).encode(CacheGetRequest(key=CACHE_KEY))
    )
    with ServerProcess(chosen.command, clean_environment(), tmp_path / "log") as process:
        data = call(process.port, CACHE_GET, request, CONTENT_TYPES[Encoding.PROTOBUF])
    response = CODECS[Encoding.PROTOBUF].for_type(CacheGetResponse).decode(data)
    assert (response.found, response.value.decode()) == (True, CACHED)


def test_the_report_names_the_engine(tmp_path: Path) -> None:
    """Rates with different engines cannot be compared, so the report says which one it is."""
    assert engine("grpc-go", tmp_path).title.startswith("grpc-go 1.")


def test_without_go_the_report_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine in Python takes over, and the report names the package that is not installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    fallback = find_engine(tmp_path)
    assert fallback.command[0] == sys.executable
    assert "limits the rates" in fallback.title
    assert "golang-go" in fallback.title
