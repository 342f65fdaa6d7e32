"""The code blocks of the documentation: their lines, and the programs that contain them."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
TEXT = tuple((HERE / "documented-api.txt").read_text(encoding="utf-8").splitlines())
MINIMAL_AGENT = REPOSITORY / "examples" / "minimal_agent.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines `first` to `last` of the text (from 1, inclusive), printed without indentation."""

    first: int
    last: int
    program: Path

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the block as printed."""
        return TEXT[self.first - 1 : self.last]


def program_path(name: str) -> Path:
    """Return the file of the program `name`."""
    return HERE / "programs" / f"{name}.py"


def _block(first: int, last: int, program: str) -> Block:
    return Block(first=first, last=last, program=program_path(program))


BLOCKS = (
    _block(12, 18, "base_class"),
    _block(21, 21, "serve_call"),
    _block(22, 22, "serve_call"),
    _block(26, 34, "types_reference"),
    _block(55, 58, "permission"),
    _block(60, 62, "types_reference"),
    _block(63, 70, "types_reference"),
    _block(71, 77, "types_reference"),
    _block(79, 83, "types_reference"),
    _block(85, 90, "types_reference"),
    _block(92, 97, "types_reference"),
    _block(100, 103, "engine_calls"),
    _block(106, 110, "engine_calls"),
    _block(112, 112, "engine_calls"),
    _block(114, 122, "formatters"),
    _block(145, 146, "time_range_fallback"),
    _block(147, 155, "time_range_fallback"),
    _block(159, 159, "intents_and_prompts"),
    _block(160, 161, "intents_and_prompts"),
    _block(164, 164, "intents_and_prompts"),
    _block(165, 172, "intents_and_prompts"),
    _block(177, 179, "error_handling"),
    _block(180, 182, "error_handling"),
    _block(185, 191, "health_check"),
    Block(first=193, last=245, program=MINIMAL_AGENT),
    _block(248, 258, "test_minimal_agent"),
)

COMMANDS = (7, 260, 261)
"""Shell commands."""


def table_rows(first: int, last: int) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table; in the text, cells are spread over several lines."""
    cells = " ".join(TEXT[first - 1 : last]).split("|")
    columns = len([cell for cell in TEXT[first - 1].split("|") if cell.strip()])
    filled = [cell.strip() for cell in cells if cell.strip() and set(cell.strip()) != {"-"}]
    rows = [tuple(filled[start : start + columns]) for start in range(0, len(filled), columns)]
    return tuple(rows[1:])


STAGES = table_rows(36, 53)
FORMATTERS = table_rows(124, 143)


def load_program(path: Path) -> ModuleType:
    """Import a program from its file under a unique name, without running its `main()`."""
    name = f"documented_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
