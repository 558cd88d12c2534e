"""Masked forms: what anyone may see of an identifier."""

from __future__ import annotations

import re


def mask_number(digits: str) -> str:
    """Ten digits as `943 *** **19`: the first three and the last two."""
    return f"{digits[:3]} *** **{digits[-2:]}"


def mask_code(code: str) -> str:
    """A local number: its last two characters only (`*****67`)."""
    return "*" * max(len(code) - 2, 0) + code[-2:]


def mask_name(name: str) -> str:
    """A name as initials and stars: `J*** S****`."""
    return re.sub(r"[^\W_]+", lambda word: word[0][0] + "*" * (len(word[0]) - 1), name)


def mask_date(year: int | None) -> str:
    """A date of birth: its year only (`**/**/1942`)."""
    return f"**/**/{year}" if year else "**/**/****"


def mask_postcode(postcode: str) -> str:
    """A postcode: its outward letters only (`LS** ***`)."""
    letters = re.match(r"[A-Za-z]+", postcode)
    return f"{letters[0].upper() if letters else ''}** ***"


def mask_all(text: str) -> str:
    """Stars for every letter and digit, the spacing kept."""
    return re.sub(r"[^\W_]", "*", text)


def mask_phone(number: str) -> str:
    """A national telephone number as `07*** ****19`: its kind and its last two digits."""
    return f"{number[:2]}*** ****{number[-2:]}"


def mask_email(address: str) -> str:
    """An e-mail address as `a***@***.uk`: its first letter and its country or ending."""
    return f"{address[0]}***@***.{address.rsplit('.', 1)[-1]}"
