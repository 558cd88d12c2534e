"""Codes of health organisations (ODS): support for the sender, and the way to the body to tell.

An organisation's code is no personal data and is shown as it is. Shapes by the NHS Data Dictionary's coding
frames; codes given since April 2020 are letter-digit-letter-digit-letter and say nothing by their shape, so
a code counts only after its label, or in brackets on the row of an organisation's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.letterhead import letterheads_of
from detectors.normalise import Match, Reading

LABELLED, IN_BRACKETS = 0.6, 0.4

_PRACTICE = r"[A-HJ-NPVWYZ]\d{5}(?:\d{3})?"
_SINCE_2020 = r"[A-Z]\d[A-Z]\d[A-Z]"
_TRUST = r"R[A-Z0-9]{2}(?:[A-Z0-9]{2})?|T[A-Z]{2}(?:\d{2})?|7A\d(?:[A-Z0-9]{2})?"
_OTHER = r"F[A-Z]{1,2}\d{2,3}|Q[A-Z0-9]{2}|S08\d{6}|NV\d[A-Z0-9]{2}|8[A-Z]{2}\d{2}"
_LABELLED = re.compile(
    r"(?<![A-Za-z])(?i:ods"
    r"|(?:practice|organi[sz]ation|org|site|surgery|provider|pharmacy|trust|ccg|icb)(?=[ ]code))"
    r"(?i:[ ]code)?(?i:[ ](?:no\.?|number|is))?[ ]{0,2}[:.#\-=]?[ ]{0,2}"
    rf"(?P<code>{_PRACTICE}|{_SINCE_2020}|{_TRUST}|{_OTHER})(?![A-Za-z0-9])"
)
_BRACKETED = re.compile(rf"\((?P<code>{_PRACTICE}|{_SINCE_2020}|R[A-Z0-9]\d(?:\d{{2}})?)\)")
_MOST_BRACKETS = 20


def find_ods_codes(page: Reading) -> Iterator[Match]:
    """Yield `ods_code` for each distinct code of an organisation."""
    seen: set[str] = set()
    for start, end, score, why in _codes(page):
        code = page.text[start:end]
        if code not in seen:
            seen.add(code)
            yield Match("ods_code", start, end, score, code, why, facts={"code": code})


def _codes(page: Reading) -> Iterator[tuple[int, int, float, str]]:
    for match in _LABELLED.finditer(page.text):
        yield *match.span("code"), LABELLED, "an organisation's code with its label"
    bracketed = list(_BRACKETED.finditer(page.text))[:_MOST_BRACKETS]
    if not bracketed:
        return
    rows = {page.row_at(name.start) for name in letterheads_of(page)}
    for match in bracketed:
        if page.row_at(match.start()) in rows:
            yield *match.span("code"), IN_BRACKETS, "a code beside an organisation's name"
