"""The bootstrap finds a Python on machines of many kinds, or says in one sentence why not."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

BOOTSTRAP = Path(__file__).parent.parent / "scripts" / "bootstrap"
TOOLS = ("bash", "cat", "dirname", "ls", "mkdir", "rm", "touch")
SYSTEM_FOLDERS = (
    "usr/bin/python3.1[2-9]",
    "usr/local/bin/python3.1[2-9]",
    "opt/*/bin/python3.1[2-9]",
)
RECORDING_UV = """#!/bin/bash
[ "$1" = --version ] && exit 0
mkdir -p .venv
printf '%s\\n' "$*" "downloads: ${UV_PYTHON_DOWNLOADS:-allowed}" > asked
"""
SHIM = "#!/bin/bash\necho 'command not found' >&2\nexit 127\n"
TOO_OLD = "#!/bin/bash\nexit 1\n"
WITHOUT_VENV = f"""#!/bin/bash
case "$2" in *ensurepip*) exit 1 ;; esac
exec {sys.executable} "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine with a clone of the repository, a home and a PATH of its own."""

    clone: Path
    home: Path
    binaries: Path

    def put(self, name: str, text: str, folder: Path | None = None) -> Path:
        """Install a program on PATH, or in another folder."""
        path = (folder or self.binaries) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def put_python(self, path: Path) -> None:
        """Install a Python that works."""
        self.put(path.name, f'#!/bin/bash\nexec {sys.executable} "$@"\n', path.parent)

    def bootstrap(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the script without access to the rest of the real machine."""
        environment = {"HOME": str(self.home), "PATH": str(self.binaries)} | variables
        return subprocess.run(
            [str(self.clone / "scripts" / "bootstrap")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked_of_uv(self) -> str:
        """The arguments that uv received, and whether it may download a Python."""
        return (self.clone / "asked").read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the usual tools, without uv and without Python on PATH or at home."""
    made = Machine(clone=tmp_path / "clone", home=tmp_path / "home", binaries=tmp_path / "bin")
    for folder in (made.clone / "scripts", made.home, made.binaries):
        folder.mkdir(parents=True)
    shutil.copy(BOOTSTRAP, made.clone / "scripts" / "bootstrap")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (made.binaries / tool).symlink_to(found)
    return made


@pytest.fixture
def bare_machine(machine: Machine) -> Machine:
    """A machine without any Python; tests cannot change the system's folders."""
    if any(found for folder in SYSTEM_FOLDERS for found in Path("/").glob(folder)):
        pytest.skip("this machine's own Python would be found")
    return machine


def test_a_python_on_path_is_used_and_none_is_downloaded(machine: Machine) -> None:
    """With uv and a Python, exactly the locked versions are installed on that Python."""
    machine.put("uv", RECORDING_UV)
    machine.put_python(machine.binaries / "python3")
    done = machine.bootstrap()
    assert done.returncode == 0, done.stderr
    assert machine.asked_of_uv() == (
        f"sync --locked --quiet --python {sys.executable}\ndownloads: never\n"
    )
    assert (machine.clone / ".venv" / ".installed").exists()


def test_a_shim_that_fails_is_skipped(machine: Machine) -> None:
    """If a version manager's shim fails, the interpreters in the home folder are found."""
    machine.put("uv", RECORDING_UV)
    machine.put("python3.12", SHIM)
    machine.put("python3", TOO_OLD)
    machine.put_python(machine.home / ".pyenv" / "versions" / "3.12.9" / "bin" / "python3")
    done = machine.bootstrap()
    assert done.returncode == 0, done.stderr
    assert f"--python {sys.executable}" in machine.asked_of_uv()


def test_a_uv_that_fails_is_skipped(machine: Machine) -> None:
    """If the shim of uv fails, the uv in the home folder is used."""
    machine.put("uv", SHIM)
    machine.put("uv", RECORDING_UV, machine.home / ".local" / "bin")
    machine.put_python(machine.binaries / "python3")
    assert machine.bootstrap().returncode == 0
    assert "sync --locked" in machine.asked_of_uv()


def test_uv_may_fetch_a_python_where_there_is_none(bare_machine: Machine) -> None:
    """Only a machine without any usable Python lets uv download one."""
    bare_machine.put("uv", RECORDING_UV)
    assert bare_machine.bootstrap().returncode == 0
    assert bare_machine.asked_of_uv() == (
        "sync --locked --quiet --managed-python --python 3.12\ndownloads: allowed\n"
    )


def test_a_named_python_is_used(machine: Machine) -> None:
    """PYTHON= wins over what is found."""
    machine.put("uv", RECORDING_UV)
    machine.put("python3", SHIM)
    named = machine.home / "my-python"
    machine.put_python(named)
    assert machine.bootstrap(PYTHON=str(named)).returncode == 0
    assert f"--python {named}" in machine.asked_of_uv()


@pytest.mark.parametrize("python", [SHIM, TOO_OLD, WITHOUT_VENV])
def test_nothing_usable_is_one_sentence(bare_machine: Machine, python: str) -> None:
    """Without uv, a Python must run, be recent enough and create environments."""
    bare_machine.put("python3", python)
    done = bare_machine.bootstrap()
    assert done.returncode == 1
    assert done.stderr == (
        "bootstrap: found neither uv nor a Python 3.12 or later with pip and venv; install one of "
        "them, or set PYTHON=/path/to/python\n"
    )


def test_a_named_python_that_does_not_run_is_one_sentence(machine: Machine) -> None:
    """The error names the wrong PYTHON=, and nothing else is tried."""
    machine.put_python(machine.binaries / "python3")
    done = machine.bootstrap(PYTHON="python2")
    assert done.returncode == 1
    assert done.stderr == "bootstrap: PYTHON=python2 is not a working Python 3.12 or later\n"
