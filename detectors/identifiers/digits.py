"""Groups of ten digits as people write and engines read them.

A group is found whatever its spacing (`999 000 0018`, `999-000-0018`, boxed single digits, pairs, digit
words); what it means is decided elsewhere. Letters an engine mistakes for digits are repaired inside
digit groups of OCR text only: in post text a `|` parts columns and an `O` is an `O`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from detectors.normalise import Reading

CONFUSED = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1", "!": "1"}
                         | {"Z": "2", "S": "5", "G": "6", "B": "8"})  # fmt: skip

_LENGTH = 10
_MOST_REPAIRS = 4
_LAYOUTS = {
    (3, 3, 4): 0,
    (10,): 1,
    (1,) * 10: 2,
    (2,) * 5: 3,
    (4, 3, 3): 4,
    (3, 4, 3): 4,
    (6, 4): 4,
    (3, 7): 4,
    (5, 5): 5,
    (4, 6): 5,
}
_POST_TOKEN = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
_OCR_TOKEN = re.compile(
    r"(?<![^\W_])[0-9OoQDIl|!ZSGB]*\d[0-9OoQDIl|!ZSGB]*(?![^\W_])|(?<=[A-Za-z])\d{3,10}(?!\w)"
)
_GLUED = re.compile(r"(?:n[o0]|number|nhs|chi|hcn)$", re.IGNORECASE)
_POST_GAP = re.compile(r"[ \-.\u00b7_/\n]{1,3}")
_OCR_GAP = re.compile(r"[ \-.,\u00b7_/]{1,3}|[ |\[\]]{1,3}")
_SHAPED_LIKE_DATE = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}|(?:19|20)\d\d[/.\-]\d\d[/.\-]")
_WORDS = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
_WORD = "|".join(_WORDS)
_SPELLED = re.compile(rf"\b(?:(?:double |triple )?(?:{_WORD})\b[ ,\-]*){{4,10}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DigitGroup:
    """Ten digits at `text[start:end]`, how they were grouped and how many letters were repaired."""

    start: int
    end: int
    digits: str = field(repr=False)
    layout: tuple[int, ...]
    repairs: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    digits: str
    repairs: int


def digit_groups(page: Reading) -> list[DigitGroup]:
    """Every group of ten digits of a page, none overlapping, the most regular layout first chosen."""
    return page.once(_digit_groups)


def _digit_groups(page: Reading) -> list[DigitGroup]:
    tokens = _tokens(page)
    found = [group for at in range(len(tokens)) for group in _from(page, tokens, at)]
    found.extend(_spelled(page.text))
    chosen: list[DigitGroup] = []
    for group in sorted(found, key=lambda g: (_LAYOUTS.get(g.layout, 9), g.start)):
        if all(group.end <= other.start or other.end <= group.start for other in chosen):
            chosen.append(group)
    return sorted(chosen, key=lambda g: g.start)


def _tokens(page: Reading) -> list[_Token]:
    pattern = _OCR_TOKEN if page.is_ocr else _POST_TOKEN
    tokens = []
    for match in pattern.finditer(page.text):
        glued = match.start() and page.text[match.start() - 1].isalpha()
        if glued and not _GLUED.search(page.text[max(0, match.start() - 8) : match.start()]):
            continue
        digits = match[0].translate(CONFUSED)
        repairs = sum(a != b for a, b in zip(digits, match[0], strict=True))
        tokens.append(_Token(match.start(), match.end(), digits, repairs))
    return tokens


def _from(page: Reading, tokens: Sequence[_Token], first: int) -> Iterator[DigitGroup]:
    """The group of ten digits that begins with this token, if its spacing allows one."""
    total, last = 0, first
    for last in range(first, min(first + _LENGTH, len(tokens))):
        if last > first and not _joined(page, tokens[last - 1], tokens[last]):
            return
        total += len(tokens[last].digits)
        if total >= _LENGTH:
            break
    if total != _LENGTH:
        return
    run = tokens[first : last + 1]
    layout = tuple(len(token.digits) for token in run)
    repairs = sum(token.repairs for token in run)
    if layout in _LAYOUTS and repairs <= _MOST_REPAIRS and not _part_of_longer(page, tokens, first, last):
        digits = "".join(token.digits for token in run)
        yield DigitGroup(run[0].start, run[-1].end, digits, layout, repairs)


def _joined(page: Reading, left: _Token, right: _Token) -> bool:
    gap = _OCR_GAP if page.is_ocr else _POST_GAP
    return gap.fullmatch(page.text, left.end, right.start) is not None or _wrapped(page, left, right)


def _wrapped(page: Reading, left: _Token, right: _Token) -> bool:
    """Whether a narrow label breaks the number: the rest of it is all that stands on the next row."""
    alone = page.text[right.end : right.end + 1] in ("", "\n")
    return (
        alone
        and (len(left.digits), len(right.digits)) == (3, 4)
        and page.text[left.end : right.start] == "\n"
    )


def _part_of_longer(page: Reading, tokens: Sequence[_Token], first: int, last: int) -> bool:
    """Whether the digits go on: single digits or pairs on either side, or a tight hyphen, dot or slash."""
    if _SHAPED_LIKE_DATE.match(page.text, tokens[first].start):
        return True
    size = len(tokens[first].digits)
    uniform = size <= 2 and all(len(token.digits) == size for token in tokens[first : last + 1])
    for inner, outer in ((first, first - 1), (last, last + 1)):
        if not 0 <= outer < len(tokens):
            continue
        left, right = sorted((tokens[inner], tokens[outer]), key=lambda t: t.start)
        gap = page.text[left.end : right.start]
        if gap in ("-", ".", "/") or (uniform and gap == " " and len(tokens[outer].digits) == size):
            return True
    return False


def _spelled(text: str) -> Iterator[DigitGroup]:
    """Digits written as words: `nine nine nine, double oh one ...`."""
    for match in _SPELLED.finditer(text):
        digits = ""
        times = 1
        for word in re.findall(r"[a-z]+", match[0].lower()):
            if word in _WORDS:
                digits += _WORDS[word] * times
            times = {"double": 2, "triple": 3}.get(word, 1)
        if len(digits) == _LENGTH:
            yield DigitGroup(match.start(), match.end(), digits, (1,) * _LENGTH)
