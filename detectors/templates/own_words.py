"""Which words of a letterhead are its organisation's own: names, and what else no other letterhead says.

A word of everyday language, of medicine, or that every letterhead carries (NHS, Trust, Hospital, Road) may
stand on a sister's form too, in its title or its instructions, and says nothing of whose paper it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from detectors.base import Box, Word
from detectors.lexicons import load
from detectors.lexicons import words as listed
from detectors.templates.tiles import inside

_SHORTEST = 4
"""Letters of an own word."""
_ENDINGS = ("", "s", "es", "d", "ed", "ing")
_JOINING = {"and", "of", "the", "for", "with", "in", "on", "upon", "under", "by", "de", "la", "y", "a", "an"}
"""Words within a name that begin with a small letter."""
_NUMBERED = {"no", "nos", "number", "num", "id", "ref"}
"""After these a word for an institution is a label ("Hospital No"), and before it may stand a patient."""


def words_in(words: Sequence[Word], area: Box, organisation: str | None) -> tuple[str, ...]:
    """The words of a letterhead that are its organisation's own, lower case, each once."""
    found = (plain(word.text) for word in words if inside(word.box, area))
    return tuple(dict.fromkeys(word for word in found if is_own(word, organisation)))


def names_in(words: Sequence[Word], area: Box, organisation: str | None) -> tuple[str, ...]:
    """Own words of a name: of the organisation as said, or in a row such as "Exmoor Vale Hospital"."""
    found = [plain(word) for word in (organisation or "").split()]
    for row in rows_of([word for word in words if inside(word.box, area)]):
        found += name_of([word.text for word in row])
    return tuple(dict.fromkeys(word for word in found if is_own(word)))


def is_own(word: str, organisation: str | None = None) -> bool:
    """Whether no other organisation's paper would say a word; or it is of the name as said."""
    if len(word) < _SHORTEST or word.isdigit() or word in _common():
        return False
    said = {plain(each) for each in (organisation or "").split()}
    return word in said or not any(form in _everyday() for form in _forms(word))


def plain(text: str) -> str:
    """A word in lower case, without what is no letter nor digit."""
    return re.sub(r"[^\w]+", "", text.casefold())


def rows_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words of one line that stand close together: a page's two columns may be read as one line."""
    row: list[Word] = []
    for word in words:
        last = row[-1] if row else None
        gap = word.box.x - last.box.x - last.box.width if last else 0
        if last and (word.line != last.line or not 0 <= gap + last.box.height <= 4 * last.box.height):
            yield row
            row = []
        row.append(word)
    yield row


def name_of(row: Sequence[str]) -> list[str]:
    """The words before a row's last word for an institution, back to where the name begins."""
    following = [*map(plain, row[1:]), ""]
    ends = [
        number
        for number, text in enumerate(row)
        if plain(text) in _shared("institution") and following[number] not in _NUMBERED
    ]
    name: list[str] = []
    for text in reversed(row[: ends[-1]] if ends else []):
        if not (text[:1].isupper() or plain(text) in _JOINING or text == "&") or text[-1] in ".,:;":
            break
        name.append(plain(text))
    return name[::-1]


def _forms(word: str) -> Iterable[str]:
    """A word, and what it may be a plural or an inflection of."""
    return (word.removesuffix(ending) for ending in _ENDINGS)


@lru_cache
def _everyday() -> frozenset[str]:
    """Words of everyday language and of medicine (lexicons/ordinary_words.txt, clinical.toml)."""
    return listed("ordinary_words") | frozenset(_words_of(load("clinical"))) | _common()


def _words_of(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield from re.findall(r"[^\W\d_]{4,}", entry.casefold())
    elif isinstance(entry, dict | list):
        for each in entry.values() if isinstance(entry, dict) else entry:
            yield from _words_of(each)


@lru_cache
def _common() -> frozenset[str]:
    """Words that letterheads share (lexicons/letterheads.toml)."""
    return frozenset().union(*map(_shared, load("letterheads")))


@lru_cache
def _shared(kind: str) -> frozenset[str]:
    return frozenset(load("letterheads")[kind])
