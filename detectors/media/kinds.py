"""What a file is, told from its content; its name never counts."""

from __future__ import annotations

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
OLD_OFFICE = "application/x-ole-storage"
RTF = "application/rtf"

_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
    (b"{\\rtf", RTF),
)
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_ISO_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free")
"""What an MP4 or QuickTime file may start with; only the first tells which of them it is."""
_OFFICE_PARTS = ((b"word/document.xml", DOCX), (b"xl/workbook.xml", XLSX), (b"ppt/presentation.xml", PPTX))
OFFICE = frozenset({DOCX, XLSX, PPTX, ODT, ODS, ODP, OLD_OFFICE, RTF})

_ARCHIVES = (
    (0, b"PK\x05\x06", "zip"),
    (0, b"PK\x07\x08", "zip"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (0, b"MSCF", "cabinet"),
    (257, b"ustar", "tar"),
    (32769, b"CD001", "ISO image"),
)
"""Where its mark stands, the mark, its name for people."""


def archive_kind(data: bytes) -> str | None:
    """What kind of archive the content is ("zip", "RAR", ...), None when it is none. Nothing is opened."""
    if media_type_of(data) == "application/zip":
        return "zip"
    return next((name for at, mark, name in _ARCHIVES if data.startswith(mark, at)), None)


def media_type_of(data: bytes) -> str | None:
    """The media type that the content shows ("image/jpeg", "application/pdf", ...), None if unknown."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:4] == b"PK\x03\x04":
        return _zip_media_type(data)
    if data[4:8] in _ISO_BOXES:
        return _iso_media_type(data) if data[4:8] == b"ftyp" else "video/quicktime"
    known = next((kind for magic, kind in _MAGIC if data.startswith(magic)), None)
    if known is None and b"%PDF-" in data[:1024]:
        return "application/pdf"
    return known


def _zip_media_type(data: bytes) -> str:
    """OpenDocument says what it is in its first entry, uncompressed; OOXML has parts of fixed names."""
    first = data[30:120]
    for kind in (ODS, ODP, ODT):
        if first.startswith(b"mimetype" + kind.encode()):
            return kind
    return next((kind for name, kind in _OFFICE_PARTS if name in data), "application/zip")


def _iso_media_type(data: bytes) -> str | None:
    length = int.from_bytes(data[:4], "big")
    brands = data[8 : min(length, 64)]
    if b"avif" in brands or b"avis" in brands:
        return "image/avif"
    if any(brand in brands for brand in _HEIC_BRANDS):
        return "image/heic"
    return "video/quicktime" if brands.startswith(b"qt  ") else "video/mp4"


def looks_like_text(data: bytes) -> bool:
    """Whether the bytes are plain text for the most part."""
    head = data[:4096]
    return b"\0" not in head and sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head) > 0.9 * len(head)
