"""RTF documents (Microsoft's specification, version 1.9.1): their words and their pictures, in one pass.

A group that begins with `\\*` or names a table of fonts, colours or styles holds no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<symbol>.)|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_WORDLESS = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "listtable", "listoverridetable", "rsidtbl", "generator"}
    | {"sn", "sv", "themedata", "datastore", "latentstyles", "xmlnstbl", "filetbl", "objdata", "fldinst"}
)
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "sect": "\n", "page": "\n", "cell": "\t", "tab": " "}
_SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
_SIGNS = {"emdash": "-", "endash": "-", "lquote": "'", "rquote": "'", "bullet": "*"}
_MOST_DEPTH = 1_000
_MOST_TOKENS = 2_000_000


@dataclass
class _Group:
    wordless: bool = False
    picture: bool = False
    skip: int = 1
    """Characters to pass over after a \\u: how old readers see it."""


@dataclass
class RtfContent:
    """The text (rows by newlines, cells by tabs) and the pictures' bytes."""

    text: str = ""
    pictures: list[bytes] = field(default_factory=list)


def read_rtf(data: bytes) -> RtfContent:
    """The content of an RTF document; damage ends it early and raises nothing."""
    reader = _Reader()
    for count, match in enumerate(_TOKEN.finditer(data)):
        if count > _MOST_TOKENS or len(reader.stack) > _MOST_DEPTH:
            break
        reader.take(match)
    return RtfContent("".join(reader.pieces), [bytes(picture) for picture in reader.pictures if picture])


@dataclass
class _Reader:
    stack: list[_Group] = field(default_factory=lambda: [_Group()])
    pieces: list[str] = field(default_factory=list)
    pictures: list[bytearray] = field(default_factory=list)
    skipping: int = 0
    _star: bool = False

    def take(self, match: re.Match[bytes]) -> None:
        """One token."""
        if match["brace"] == b"{":
            here = self.stack[-1]
            self.stack.append(_Group(here.wordless, here.picture, here.skip))
        elif match["brace"]:
            if len(self.stack) > 1:
                self.stack.pop()
        elif match["word"]:
            self._word(match["word"].decode("ascii"), match["number"])
        elif match["hex"]:
            self._say(bytes([int(match["hex"], 16)]).decode("cp1252", "replace"))
        elif match["symbol"]:
            self._symbol(match["symbol"])
        elif match["text"]:
            self._text(match["text"])

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
            self.stack[-1].wordless = True
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _word(self, word: str, number: bytes | None) -> None:
        here = self.stack[-1]
        if word in {"shppict", "shpinst"} and self._star:
            here.wordless = False  # how newer programs keep pictures and the words of shapes
        self._star = False
        if word == "pict":
            here.picture = True
            self.pictures.append(bytearray())
        elif word in _WORDLESS:
            here.wordless = True
        elif word == "uc":
            here.skip = min(int(number or 1), 8)
        elif word == "u" and number:
            self._say(_unicode(int(number)))
            self.skipping = max(here.skip, 0)
        elif word in _BREAKS or word in _SIGNS:
            self._say(_BREAKS.get(word) or _SIGNS[word])

    def _text(self, text: bytes) -> None:
        if self.stack[-1].picture:
            if self.pictures and re.fullmatch(rb"[0-9A-Fa-f\s]*", text):
                digits = re.sub(rb"\s", b"", text)
                self.pictures[-1] += bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
            return
        self._say(text.decode("cp1252", "replace"))

    def _say(self, text: str) -> None:
        here = self.stack[-1]
        kept = text[self.skipping :]
        self.skipping = max(0, self.skipping - len(text))
        if kept and not here.wordless and not here.picture:
            self.pieces.append(kept)


def _unicode(number: int) -> str:
    """The character of a \\u, a signed 16-bit number; halves of a pair are no characters."""
    code = number % 65_536
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def lines_of(text: str) -> Iterator[tuple[str, ...]]:
    """Paragraphs and rows of cells."""
    return (tuple(line.rstrip("\t").split("\t")) for line in text.split("\n"))
