"""What a post's author says about what they post: found, leaked, somebody else's, or their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from detectors.lexicons import load
from detectors.normalise import Match, Reading, known_phrases

_SCORE = 0.5
_WHYS = {
    "third_party": 'the author says it is somebody else\'s ("{}")',
    "own": 'the author says it is their own ("{}")',
}


_INSIDER = re.compile(
    r"\b(?:saw|seen|read|typed|types|file[sd]?|printed|opened|scanned|took|do|does|did|checked|booked)\b"
    r"(?:[ ](?:the|her|his|their|my|it|all|in)){0,2}[ ]"
    r"(?:letters?|notes|records?|file|filing|results|bloods|meds|chart|system|handover|referrals?)\b"
    r"|\b(?:work|works|working|shift|desk|placement)[ ](?:on|at|in)[ ](?:the[ ])?"
    r"(?:ward|reception|surgery|records|hospital|clinic|a&e|maternity|pharmacy|switchboard)\b"
    r"|\b(?:bank|late|early|long day|night)[ ]shift\b|\bsurgery desk\b"
)
"""How people who have access say so."""

_OWN = re.compile(
    r"\b(?:my|our)[ ](?:[a-z0-9\-]{1,14}[ ]){0,2}"
    r"(?:letter|results?|bloods?|scans?|x-?ray|mri|appointment|records?|notes|app|prescription|diagnosis"
    r"|discharge|referral|biopsy|surgery|op|operation|wristband|band|consultant|surgeon|midwife|due date"
    r"|smear|meds)\b"
    r"|\b(?:tr(?:y|ied|ying)[ ]to[ ](?:call|ring|reach)|called|rang|told|tells|discharged|diagnosed"
    r"|admitted|booked|kept|keeping)[ ]me\b"
    r"|\bi(?:'?m|[ ]am|'?ve|[ ]have|[ ]was|[ ]got)[ ](?:(?:finally|just|being|been)[ ]){0,2}"
    r"(?:discharged|diagnosed|referred|admitted|prescribed|jabbed|vaccinated|pregnant|home from"
    r"|in (?:hospital|labour|a&e))\b"
    r"|\bwelcome to the world\b"
)
"""How people speak of what happened to themselves, or to the baby they brought home."""


@cache
def _sides() -> dict[str, str]:
    return {phrase: side for side in _WHYS for phrase in load("claims")[side]}


def find_claims(page: Reading) -> Iterator[Match]:
    """Yield `claim` findings, side "third_party" or "own"; only post text makes claims."""
    if page.is_ocr:
        return
    for match in _INSIDER.finditer(page.lower):
        why = _WHYS["third_party"].format(match[0])
        yield Match("claim", *match.span(), _SCORE, match[0], why, facts={"side": "third_party"})
    for match in _OWN.finditer(page.lower):
        why = _WHYS["own"].format(match[0])
        yield Match("claim", *match.span(), _SCORE, match[0], why, facts={"side": "own"})
    for text, start, end in known_phrases(page, _sides()):
        side = _sides()[text]
        yield Match("claim", start, end, _SCORE, text, _WHYS[side].format(text), facts={"side": side})
