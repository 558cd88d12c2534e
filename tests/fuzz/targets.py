"""What is fuzzed: each seam where foreign bytes become something of ours, and what it may do with them.

A target takes any bytes. It may raise what its seam documents; everything else is a bug.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

import numpy as np
from PIL import Image

from connectors.base import PayloadChanged, Rejected
from connectors.bluesky.parse import parse_view
from connectors.feed import FeedItem, iter_lines, parse_line
from connectors.html import html_images, html_text
from connectors.linked import read_linked
from connectors.mailbox.parse import parse_mail
from connectors.mastodon.parse import parse_statuses
from connectors.payload import Json
from connectors.reddit.parse import parse_page, parse_thing
from detectors.barcodes import BarcodeDetector
from detectors.base import Content, ImageUnreadable, TextLayer
from detectors.examine import Examiner
from detectors.image import ImageLimits, decode
from detectors.media.rtf import read_rtf
from detectors.passages import PostText
from detectors.table import TEXT_DETECTORS, ExaminerConfig
from tests.connectors.bluesky_server import record
from tests.connectors.reddit_server import comment, submission
from tests.detectors.documents import pdf
from tests.detectors.letters import clinic_letter, encoded
from tests.detectors.office_files import docx, open_document, xlsx

LIMITS = ImageLimits(
    max_megapixels=2, max_total_megapixels=8, max_frames=3, max_pages=3, use_libreoffice=False
)
CONFIG = ExaminerConfig(accept_unissued=True, limits=LIMITS)
EXAMINER = Examiner(CONFIG)
RECORD = "NHS No 999 012 3454 Mrs Amelia Oakenfold DOB 14/03/1951 sepsis, ward 4"
SIDE = 48


@dataclass(frozen=True)
class Target:
    """A seam, and inputs to begin from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]


def _decode(data: bytes) -> None:
    with contextlib.suppress(ImageUnreadable):
        image = decode(data, LIMITS)
        assert image.pages
        for page in image.pages:
            assert page.pixels.dtype == np.uint8
            assert page.pixels.ndim == 3


def _pictures() -> Iterator[bytes]:
    letter = clinic_letter(size=(120, 160)).picture
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"):
        yield encoded(letter, kind)
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Maker", {1: "N", 2: (51.0, 30.0, 0.0)}
    yield encoded(letter, "JPEG", exif=exif.tobytes(), quality=20)
    buffer = io.BytesIO()
    letter.save(buffer, "GIF", save_all=True, append_images=[letter.rotate(90)] * 2)
    yield buffer.getvalue()


def _documents() -> Iterator[bytes]:
    yield pdf([[(50, 780, 20, "Trust"), (50, 700, 12, RECORD)]])
    yield docx([RECORD], [("NHS No", "999 012 3454")])
    yield xlsx('<row><c t="s"><v>0</v></c><c><v>9990123454</v></c></row>', ["NHS No"])
    yield open_document("text", f"<text:p>{RECORD}</text:p>")
    yield rb"{\rtf1\ansi NHS Num\'62er\cell 999 012 3454\row{\pict 89504e47}}"


def _rtf(data: bytes) -> None:
    content = read_rtf(data)
    assert all(content.pictures)


def _feed(data: bytes) -> None:
    for number, raw in enumerate(iter_lines(io.BytesIO(data)), 1):
        item = parse_line(raw.content, name="feed.jsonl", line=number)
        assert item is None or isinstance(item, FeedItem | Rejected)
        if isinstance(item, FeedItem):
            assert len(item.alt_texts) == len(item.files)
            item.text.encode()


def _feeds() -> Iterator[bytes]:
    line = {
        "id": "1",
        "text": RECORD,
        "files": ["a.png"],
        "alt": ["x"],
        "card": {"title": "t"},
        "tags": ["a"],
    }
    yield json.dumps(line | {"context": ["c"], "author": {"handle": "h"}, "posted_at": 1}).encode() + b"\n"
    yield b'\xef\xbb\xbf{"id": 1}\r\n\n{bad'


def _words(data: bytes) -> None:
    parts = data.decode("utf-8", "replace").split("\x1f")
    words = PostText(parts[0], tuple(parts[1:2]), tuple(parts[2:3]), tuple(parts[3:4]), tuple(parts[4:]))
    examined = EXAMINER.examine_text(words)
    assert examined.notes == ()
    for finding in examined.findings:
        assert finding.span is None or 0 <= finding.span[0] < finding.span[1] <= len(parts[0])


def _barcodes(data: bytes) -> None:
    levels = np.frombuffer(data[: SIDE * SIDE].ljust(SIDE * SIDE, b"\xff"), np.uint8)
    pixels = np.repeat(levels.reshape(SIDE, SIDE, 1), 3, axis=2)
    detector = BarcodeDetector([maker(CONFIG) for maker in TEXT_DETECTORS.values()])
    list(detector.detect(Content(TextLayer("ocr"), np.ascontiguousarray(pixels))))


def _parsed(parse: Callable[[object], object]) -> Callable[[bytes], None]:
    """Parse what is JSON; a shape that is not the platform's is named, never more than that."""

    def run(data: bytes) -> None:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return
        with contextlib.suppress(PayloadChanged):
            parse(value)

    return run


def _reddit(value: object) -> None:
    for item in parse_page({"data": {"children": [{"kind": "t3", "data": value}]}}, "t3").items:
        parse_thing(item)


def _mail(data: bytes) -> None:
    with contextlib.suppress(PayloadChanged):
        mail = parse_mail(data)
        assert 0 < len(mail.external_id) <= 255
        mail.text.encode()


def _mails() -> Iterator[bytes]:
    picture = encoded(clinic_letter(size=(120, 160)).picture, "PNG")
    inner, outer = EmailMessage(), EmailMessage()
    inner.set_content(RECORD)
    inner.add_alternative(f"<p>{RECORD}<a href='https://x.com/a/status/1'>x</a>", subtype="html")
    outer["Subject"], outer["Date"] = "caf\u00e9", "Tue, 24 Nov 2026 09:12:00 +0100"
    outer["From"], outer["Message-ID"] = "Ward <ward@trust.example>", "<1@ward>"
    outer.set_content("see below")
    outer.add_attachment(picture, maintype="image", subtype="png", filename="d\u00e9.png")
    outer.add_attachment(inner)
    yield outer.as_bytes()


def _html(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    html_text(text)
    list(html_images(text, "https://example.org/"))
    page = read_linked(text, "https://example.org/", whole=True)
    assert all(file.url.startswith(("http://", "https://")) for file in page.files)


def _bluesky_view() -> dict[str, object]:
    author = {"did": "did:plc:abc", "handle": "a.example"}
    return {"uri": "at://did:plc:abc/app.bsky.feed.post/3k", "author": author, "record": record(RECORD)}


_STATUS = {
    "id": "1",
    "uri": "https://m.example/1",
    "url": None,
    "content": f"<p>{RECORD}</p>",
    "media_attachments": [],
    "account": {"id": "2", "acct": "a", "url": "https://m.example/@a"},
    "created_at": "2026-01-01T00:00:00Z",
    "card": {"title": "t", "description": "d", "url": "https://example.org"},
    "poll": {"options": [{"title": "x"}]},
}


def _json(*values: object) -> Callable[[], Iterator[bytes]]:
    return lambda: (json.dumps(value).encode() for value in values)


TARGETS: Mapping[str, Target] = {
    "pictures": Target(_decode, _pictures),
    "documents": Target(_decode, _documents),
    "rtf": Target(_rtf, _documents),
    "feed": Target(_feed, _feeds),
    "words": Target(_words, lambda: iter([RECORD.encode(), b"a\x1fb\x1fc\x1f#NightShift\x1flook who"])),
    "barcodes": Target(_barcodes, lambda: iter([bytes(range(256)) * 9])),
    "html": Target(_html, lambda: iter([b'<p>a<img src="x.png" alt="b"></p>&amp;'])),
    "mail": Target(_mail, _mails),
    "reddit": Target(_parsed(_reddit), _json(submission(1), comment(1))),
    "bluesky": Target(_parsed(lambda v: parse_view(Json(v), "feed")), _json(_bluesky_view())),
    "mastodon": Target(_parsed(lambda v: parse_statuses(Json(v), "tag", "m.example")), _json(_STATUS)),
}
"""Every target by its name, as `scripts/fuzz` takes it."""
