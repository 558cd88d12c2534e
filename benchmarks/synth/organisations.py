"""Invented health organisations, each with its own letterhead."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from benchmarks.synth.people import draw_landline, draw_postcode


@dataclass(frozen=True, slots=True)
class Organisation:
    """A trust or practice that does not exist, and how its paper looks."""

    name: str
    site: str
    town: str
    area: str
    colour: str
    mark: str
    domain: str


TRUSTS = (
    Organisation("Ashmarket and Vale Hospitals NHS Foundation Trust", "Ashmarket General Hospital",
    "Ashmarket",
                 "AS", "#005eb8", "wave", "ashmarketvale.example"),
    Organisation("Wexbourne University Hospitals NHS Trust", "Wexbourne Royal Infirmary", "Wexbourne", "WX",
                 "#003087", "cross", "wexbournehospitals.example"),
    Organisation("Thornleigh Community Health NHS Trust", "Beacon House", "Thornleigh", "TH", "#0072ce",
    "leaf",
                 "thornleighcommunity.example"),
    Organisation("Eastmere Hospitals NHS Foundation Trust", "Queen Adela Hospital", "Eastmere", "EM",
    "#00539b",
                 "cross", "eastmerehospitals.example"),
)  # fmt: skip
PRACTICES = (
    Organisation("Mill Race Medical Centre", "Mill Race Lane", "Ashmarket", "AS", "#00696e", "leaf",
                 "millracemc.example"),
    Organisation("Quarry Bank Surgery", "41 Quarry Bank", "Carrowby", "CX", "#7a1f5c", "leaf",
                 "quarrybanksurgery.example"),
    Organisation("St Winifred's Health Centre", "St Winifred's Road", "Wexbourne", "WX", "#1d4f91", "cross",
                 "stwinifreds.example"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letterhead:
    """An organisation with the contact lines of one print."""

    organisation: Organisation
    postcode: str
    phone: str
    fax: str

    @property
    def name(self) -> str:
        """The organisation's name."""
        return self.organisation.name


def letterhead(organisation: Organisation) -> Letterhead:
    """An organisation's paper: the contact lines (drama ranges) are the same on every sheet it prints."""
    rng = Random(organisation.name)
    return Letterhead(
        organisation, draw_postcode(rng, organisation.area), draw_landline(rng), draw_landline(rng)
    )
