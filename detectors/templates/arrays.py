"""Arrays in one file that processes map into memory, so that a hundred workers hold one copy.

Form: eight bytes "LWARRAYS", the header's length (8 bytes, little endian), a JSON header with each array's
name, type, shape and place, then the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"LWARRAYS"
_ALIGN = 64

Array = npt.NDArray[Any]


def save_arrays(path: Path, arrays: Mapping[str, Array], facts: Any) -> None:
    """Write the file whole or not at all, readable by its owner only. `facts` is plain JSON."""
    places: dict[str, list[Any]] = {}
    at = 0
    for name, array in arrays.items():
        places[name] = [array.dtype.str, list(array.shape), at]
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"arrays": places, "facts": facts}).encode()
    header += b" " * (-(len(header) + 16) % _ALIGN)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as out:
        out.write(MAGIC + struct.pack("<Q", len(header)) + header)
        for array in arrays.values():
            out.write(np.ascontiguousarray(array).tobytes())
            out.write(bytes(-array.nbytes % _ALIGN))
    Path(temporary).replace(path)


def open_arrays(path: Path) -> tuple[dict[str, Array], Any]:
    """The arrays, mapped and read-only, and the facts. Raises ValueError, OSError."""
    with path.open("rb") as file:
        if file.read(8) != MAGIC:
            raise ValueError(f"{path.name} is not a file of arrays.")
        (size,) = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))
        header = json.loads(file.read(size))
    arrays = {}
    for name, (kind, shape, at) in header["arrays"].items():
        empty = 0 in shape
        arrays[name] = (
            np.empty(shape, kind)
            if empty
            else np.memmap(path, kind, "r", offset=16 + size + at, shape=tuple(shape))
        )
    return arrays, header["facts"]
