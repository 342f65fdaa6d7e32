"""The suite's program on Linux systems that are older than the one it was built on.

It needs five functions of newer C and C++ libraries. They are easily replaced: a small library that
has them is loaded first, and the program no longer insists on the newer libraries.
"""

import shutil
import struct
import subprocess
from pathlib import Path

_SOURCE = """
#include <stdlib.h>
long __isoc23_strtol(const char *s, char **e, int b) { return strtol(s, e, b); }
unsigned long __isoc23_strtoul(const char *s, char **e, int b) { return strtoul(s, e, b); }
long long __isoc23_strtoll(const char *s, char **e, int b) { return strtoll(s, e, b); }
unsigned long long __isoc23_strtoull(const char *s, char **e, int b) { return strtoull(s, e, b); }
extern void _ZNSt8ios_base4InitC1Ev(void *);
static long streams[8];
void _ZSt21ios_base_library_initv(void) { _ZNSt8ios_base4InitC1Ev(streams); }
"""
_NEWER = (b"GLIBC_2.38", b"GLIBCXX_3.4.32")

# From elf.h: the type of a section with the versions that are needed, and a flag of a version.
_VERSIONS_NEEDED = 0x6FFFFFFE
_OPTIONAL = 0x2
_SECTION = struct.Struct("<IIQQQQIIQQ")
_FILE_NEEDED = struct.Struct("<HHIII")
_VERSION_NEEDED = struct.Struct("<IHHII")


def adapt(program: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Return a program that runs here, made in a folder, and the environment that it needs.

    Raises OSError if there is no C compiler, or if it fails.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise OSError("the program needs a newer C library, or a C compiler to replace that")
    source, library = folder / "newer.c", folder / "newer.so"
    source.write_text(_SOURCE, encoding="utf-8")
    command = [compiler, "-shared", "-fPIC", "-w", "-o", str(library), str(source), "-lstdc++"]
    linked = subprocess.run(command, capture_output=True, text=True, check=False)
    if linked.returncode:
        raise OSError(f"the C compiler failed: {linked.stderr.strip()}")
    adapted = folder / program.name
    adapted.write_bytes(_without_newer(bytearray(program.read_bytes())))
    adapted.chmod(0o755)
    return adapted, {"LD_PRELOAD": str(library)}


def _without_newer(data: bytearray) -> bytearray:
    """Mark the newer versions as optional."""
    (table,) = struct.unpack_from("<Q", data, 0x28)
    (count,) = struct.unpack_from("<H", data, 0x3C)
    sections = [_SECTION.unpack_from(data, table + index * _SECTION.size) for index in range(count)]
    needed = next(section for section in sections if section[1] == _VERSIONS_NEEDED)
    names = sections[needed[6]][4]
    position = needed[4]
    for _ in range(needed[7]):
        _, versions, _, first, following = _FILE_NEEDED.unpack_from(data, position)
        entry = position + first
        for _ in range(versions):
            code, flags, index, name, step = _VERSION_NEEDED.unpack_from(data, entry)
            start = names + name
            if bytes(data[start : data.index(0, start)]) in _NEWER:
                _VERSION_NEEDED.pack_into(data, entry, code, flags | _OPTIONAL, index, name, step)
            entry += step
        position += following
    return data
