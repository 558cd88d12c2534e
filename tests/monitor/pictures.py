"""Pictures that the monitor's tests post."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw, ImageFont

LETTER = """Castle Vale University Hospitals NHS Trust
Department of Cardiology
DISCHARGE SUMMARY
Patient: {name}      NHS No: {number}
Date of birth: 14/03/1951     Ward: 7B
Date of admission: 02/11/2026
Presenting complaint: chest pain
Diagnoses: non-ST elevation myocardial infarction
Medications: bisoprolol 2.5 mg, ramipril 5 mg
Plan and requested actions: GP to repeat U&E in two weeks"""


def draw(text: str, *, size: tuple[int, int] = (1100, 700)) -> Image.Image:
    """A page of text, black on white."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(30)
    for number, line in enumerate(text.splitlines()):
        ImageDraw.Draw(image).text((40, 40 + 58 * number), line, "black", font)
    return image


def encode(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """The image's file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def letter(number: str = "999 012 3454", name: str = "Mrs Amelia Tregarth") -> bytes:
    """A discharge summary that names a patient, as a PNG."""
    return encode(draw(LETTER.format(number=number, name=name)))


def bomb(side: int = 50_000) -> bytes:
    """A black-and-white PNG of this many pixels a side: a small file, gigabytes once decoded."""
    packer = zlib.compressobj(1)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def decoded(data: bytes) -> Image.Image:
    """The picture in a file, as RGB."""
    return Image.open(io.BytesIO(data)).convert("RGB")
