"""Files that would cost far more than they weigh, as somebody might post them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image, TiffImagePlugin

from tests.detectors.office_files import docx


def _png(width: int, height: int, rows: int) -> bytes:
    """A PNG that declares a size, with that many rows of zeros behind it."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(line) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _png_texts() -> bytes:
    """A small PNG behind two hundred compressed texts of a megabyte each."""
    plain = io.BytesIO()
    Image.new("L", (64, 64), 255).save(plain, "PNG")
    head, rest = plain.getvalue()[:33], plain.getvalue()[33:]
    data = b"k\0\0" + zlib.compress(bytes(1_000_000))
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    return head + chunk * 200 + rest


def _saved(kind: str, size: tuple[int, int], mode: str = "L", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


def _declared(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def _heic() -> bytes:
    """A HEIC whose properties claim 60,000 x 60,000 pixels."""
    import pillow_heif

    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64))).save(buffer)
    return _declared(buffer.getvalue(), struct.pack(">II", 64, 64), struct.pack(">II", 60_000, 60_000))


def _webp() -> bytes:
    """A lossless WebP that declares the most pixels the format can (16,384 x 16,384)."""
    data = bytearray(_saved("WEBP", (16, 16), "RGB", lossless=True))
    at = data.index(b"VP8L") + 9
    data[at : at + 4] = struct.pack("<I", 16_383 | 16_383 << 14)
    return bytes(data)


def _tiff_pages() -> bytes:
    """A TIFF of sixty large empty pages."""
    page = Image.new("1", (5_000, 5_000))
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer) as writer:
        for _ in range(60):
            page.save(writer, "TIFF", compression="group4")
            writer.newFrame()
    return buffer.getvalue()


def _tiff_ring() -> bytes:
    """A TIFF whose first page says that the next page is the first."""
    data = bytearray(_saved("TIFF", (16, 16)))
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    struct.pack_into("<I", data, at + 2 + 12 * count, at)
    return bytes(data)


def _gif_frames() -> bytes:
    """A GIF of 20,000 frames on a screen of 1,000 x 1,000 pixels, each a few bytes long."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1_000, 1_000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 9, 9, 1, 1, 0)
    return screen + (frame + b"\x02\x02\x44\x01\x00") * 20_000 + b"\x3b"


def _exif() -> bytes:
    """A JPEG whose EXIF lists 5,000 tags that each claim four gigabytes, in a ring of directories."""
    entries = b"".join(struct.pack("<HHII", 0x9000 + n % 4_000, 2, 0xFFFFFFF0, 8) for n in range(5_000))
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 5_000) + entries + struct.pack("<I", 8)
    payload = b"Exif\0\0" + tiff
    plain = _saved("JPEG", (64, 64))
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload + plain[2:]


def _pdf(*objects: str, trailer: str = "") -> bytes:
    body = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return body + (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )


_CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"


def _pdf_nested() -> bytes:
    """A PDF whose page holds arrays within arrays, 100,000 deep."""
    deep = "[" * 100_000 + "]" * 100_000
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Deep {deep} >>"
    return _pdf(_CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page)


def _pdf_ring() -> bytes:
    """A PDF whose pages are each other's parents and children, a billion of them by its count."""
    return _pdf(_CATALOGUE, "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 1000000000 /Parent 2 0 R >>")


def _pdf_inflating() -> bytes:
    """A PDF of a few hundred bytes whose page unpacks, three times over, to two million rectangles."""
    packed = b"0 0 99 99 re f\n" * 2_000_000
    for _ in range(3):
        packed = zlib.compress(packed, 9)
    stream = f"<< /Length {len(packed)} /Filter [/FlateDecode /FlateDecode /FlateDecode] >>\nstream\n"
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>"
    return _pdf(
        _CATALOGUE,
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        stream + packed.decode("latin-1") + "\nendstream",
    )


def _pdf_forms() -> bytes:
    """A PDF whose forms draw each other ten times over, twelve deep: 10^12 rectangles."""
    forms = []
    for number in range(4, 16):
        inside = "/F Do " * 10 if number < 15 else "0 0 9 9 re f"
        below = f"/Resources << /XObject << /F {number + 1} 0 R >> >>" if number < 15 else ""
        head = f"<< /Type /XObject /Subtype /Form /BBox [0 0 99 99] {below} /Length {len(inside)} >>"
        forms.append(f"{head}\nstream\n{inside}\nendstream")
    content = "<< /Length 5 >>\nstream\n/F Do\nendstream"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 16 0 R"
        " /Resources << /XObject << /F 4 0 R >> >> >>"
    )
    return _pdf(_CATALOGUE, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, *forms, content)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "png that declares gigapixels": lambda: _png(100_000, 100_000, 100),
    "png of many rows": lambda: _png(6_000, 6_000, 6_000),
    "png of packed texts": _png_texts,
    "webp that declares most": _webp,
    "heic that declares gigapixels": _heic,
    "tiff of many pages": _tiff_pages,
    "tiff that goes round": _tiff_ring,
    "gif of 20,000 frames": _gif_frames,
    "jpeg of endless exif": _exif,
    "svg called png": lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "pdf of nested arrays": _pdf_nested,
    "pdf that goes round": _pdf_ring,
    "pdf that inflates": _pdf_inflating,
    "pdf of forms in forms": _pdf_forms,
    "docx of spaces": lambda: docx(["x"], extra="<w:p>" + " " * 20_000_000 + "</w:p>"),
}
"""What is hostile about it, and the file."""


@cache
def hostile(name: str) -> bytes:
    """The file of that name, made once."""
    return HOSTILE[name]()
