"""A post's text as tokens: words in lower case, punctuation, and signs in place of what is personal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors.identifiers.names import names_of
from detectors.lexicons import words
from detectors.normalise import Reading

PERSON, STAFF, GIVEN, NAME, NUMBER, ADDRESS, ACCOUNT, ROW = (
    "<person>", "<staff>", "<given>", "<name>", "<number>", "<address>", "<account>", "<row>"
)  # fmt: skip
"""A person's name; a clinician's; a lone given name; another capitalised word; digits; a web address; an
@account; the end of a row."""
MOST_TOKENS = 1_000
"""Of a longer text only the beginning is read."""
_MOST_LETTERS = 8_000
_SIGNS = (
    (re.compile(r"\bhttps?://\S+|\bwww\.\S+"), ADDRESS),
    (re.compile(r"(?<!\w)@\w+"), ACCOUNT),
    (re.compile(r"\d(?:[ /.\-]?\d)*"), NUMBER),
)
_ALL = (PERSON, STAFF, GIVEN, NAME, NUMBER, ADDRESS, ACCOUNT, ROW)
_TYPED_SIGN = re.compile(f"<(?=(?:{'|'.join(sign[1:] for sign in _ALL)}))")
"""The start of what somebody typed that looks like a sign: it is no sign."""
_TOKEN = re.compile(r"<[a-z]+>|[^\W\d_]+(?:'[^\W\d_]+)?|\n|[^\w\s]")
_BEFORE_MARK = re.compile(r" ([.,!?:;)'])")
_LONGEST_INITIALS = 4
"""DOB, NHS, COPD: capitals up to here are shorthand, longer ones a word that is shouted."""
_STAND_INS = {
    PERSON: "Sarah Jones", STAFF: "Dr Smith", GIVEN: "Sarah", NAME: "Jones", NUMBER: "12345", ADDRESS: "link",
    ACCOUNT: "@someone", ROW: "", "i": "I",
}  # fmt: skip
"""What is put for a sign where words have to be read together."""


def spoken(tokens: Sequence[str]) -> str:
    """Tokens as running text, the same people in it whoever was named."""
    return _BEFORE_MARK.sub(r"\1", " ".join(_STAND_INS.get(token, token) for token in tokens))


def tokens_of(page: Reading) -> tuple[str, ...]:
    """The tokens of a text, at most MOST_TOKENS."""
    return page.once(_tokens)


def _tokens(page: Reading) -> tuple[str, ...]:
    text = _masked(page)
    for pattern, sign in _SIGNS:
        text = pattern.sub(f" {sign} ", text)
    return tuple(_token(word) for word in _TOKEN.findall(text)[:MOST_TOKENS])


def _masked(page: Reading) -> str:
    return "".join(_parts(page))[:_MOST_LETTERS]


def _parts(page: Reading) -> Iterator[str]:
    at = 0
    for name in sorted(names_of(page), key=lambda name: name.start):
        yield _TYPED_SIGN.sub("< ", page.text[at : name.start])
        yield f" {PERSON if name.kind == 'person_name' else STAFF} "
        at = name.end
    yield _TYPED_SIGN.sub("< ", page.text[at:])


def _token(word: str) -> str:
    if word == "\n":
        return ROW
    if not word[0].isalpha():
        return word
    lower = word.lower()
    plain = lower.removesuffix("'s")
    if plain in words("ordinary_words"):
        return lower
    if plain in words("given_names") or plain in words("family_names"):
        return GIVEN
    shorthand = word.isupper() and len(word) <= _LONGEST_INITIALS
    return lower if word.islower() or shorthand else NAME
