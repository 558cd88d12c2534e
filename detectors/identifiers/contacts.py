"""Telephone numbers and e-mail addresses, and whose they are.

UK numbers only: +44, 0044 or a leading 0 ("+44 (0)" too), area codes 01 and 02, mobiles 07. Numbers that
start 03, 08 or 09 and short ones such as 111 belong to services and are left alone. A ten-digit group
without its 0 is a telephone number where its context says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.identifiers.addresses import role_at
from detectors.identifiers.digits import digit_groups
from detectors.identifiers.labels import other_use
from detectors.identifiers.masking import mask_email, mask_phone
from detectors.identifiers.shapes import Shape, digits_in
from detectors.normalise import Match, Reading

PERSONAL, ORGANISATIONS = 0.4, 0.1

_GAP = r"[ \-.]"
_NATIONAL = (
    rf"(?:<d>{{10}}|<d>{{4}}{_GAP}<d>{{6}}|<d>{{4}}{_GAP}<d>{{3}}{_GAP}<d>{{3}}"
    rf"|<d>{{4}}{_GAP}<d>{{2}}{_GAP}<d>{{2}}{_GAP}<d>{{2}}"
    rf"|<d>{{2}}{_GAP}<d>{{4}}{_GAP}?<d>{{4}}|<d>{{3}}{_GAP}<d>{{3}}{_GAP}?<d>{{4}})"
)
_BRACKETED = rf"\((?:[0O])<d>{{2,4}}\){_GAP}?<d>{{3,4}}{_GAP}?<d>{{3,4}}"
_PHONE = Shape(
    rf"(?<![A-Za-z0-9+.\-/])(?:(?P<country>(?:\+|00)44{_GAP}?(?:\(0\){_GAP}?)?)|[0O])(?P<national>{_NATIONAL})(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9+])(?P<bracketed>{_BRACKETED})(?![A-Za-z0-9])"
)
_LENGTH = 10
_AREA = re.compile(r"1|2[03489]|7")
"""How geographic and mobile numbers begin, without the 0 (Ofcom's numbering plan)."""
_TELEPHONE = re.compile(r"tel|phone|mob|call|ring|fax|text|sms|whats|ph\b")
_COUNTRY = re.compile(r"(?:\+|\b00)\d{1,3}\W{0,5}$")
_OF_AN_OFFICE = re.compile(
    r"(?:switch ?board|secretar\w*|direct (?:line|dial)|reception|enquiries|appointments|helpline|fax|bleep"
    r"|ext(?:ension)?)\W{0,3}$"
)
_BEFORE = 24
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])(?P<local>[A-Za-z0-9._%+\-]{1,64})@"
    r"(?P<domain>(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24})(?![A-Za-z0-9@\-])"
)
_PUBLIC_DOMAIN = re.compile(
    r"(?:^|\.)(?:nhs\.(?:uk|net|scot|wales)|hscni\.net|gov\.(?:uk|scot|wales)|ac\.uk|police\.uk)$"
)
_ROLE_BOX = re.compile(
    r"(?:info|admin|contact|enquir|reception|secretar|recruit|hello|support|help|office|jobs|press|pals|sales|no-?reply)"
)


def find_phones(page: Reading) -> Iterator[Match]:
    """Yield `phone` for each UK number, with the role "person" or "organisation"."""
    ends: set[int] = set()
    for match in _PHONE.find(page):
        ends.add(match.end())
        digits = digits_in(match["national"] or match["bracketed"])
        digits = digits.removeprefix("0") if digits and match["bracketed"] else digits
        if digits and len(digits) == _LENGTH:
            yield from _phone(page, *match.span(), digits)
    for group in digit_groups(page):
        use = other_use(page, group.start)
        known = group.end in ends or _is_abroad(page, group.start)
        if use and _TELEPHONE.match(use) and not known:
            yield from _phone(page, group.start, group.end, group.digits)


def _is_abroad(page: Reading, start: int) -> bool:
    """Whether a country's prefix stands before a group: what is the UK's has been found by its shape."""
    return _COUNTRY.search(page.text[max(0, start - 12) : start]) is not None


def _phone(page: Reading, start: int, end: int, national: str) -> Iterator[Match]:
    if not _AREA.match(national):
        return
    before = page.lower[max(0, start - _BEFORE) : start]
    office = _OF_AN_OFFICE.search(before) is not None or role_at(page, start) == "organisation"
    role, score = ("organisation", ORGANISATIONS) if office else ("person", PERSONAL)
    kind = "mobile number" if national[0] == "7" else "telephone number"
    why = f"a {kind} of an organisation" if office else f"a {kind}"
    value = f"0{national}"
    yield Match("phone", start, end, score, mask_phone(value), why, value, facts={"role": role})


def find_emails(page: Reading) -> Iterator[Match]:
    """Yield `email` for each address, with the role "person" or "organisation"."""
    for match in _EMAIL.finditer(page.text):
        value = match[0].lower()
        office = _PUBLIC_DOMAIN.search(match["domain"].lower()) or _ROLE_BOX.search(match["local"].lower())
        role, score = ("organisation", ORGANISATIONS) if office else ("person", PERSONAL)
        why = "an e-mail address of an organisation" if office else "an e-mail address"
        yield Match("email", *match.span(), score, mask_email(value), why, value, facts={"role": role})
