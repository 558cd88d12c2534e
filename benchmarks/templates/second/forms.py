"""The forms of the second set: twelve makes, each printed by two organisations that register it and by two that do not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchmarks.synth.browser import Page, page
from benchmarks.templates.forms import SCALE, Make
from benchmarks.templates.second.filling import Filling
from benchmarks.templates.second.organisations import REGISTERED, SISTERS, Letterhead

MAKES = (
    Make("discharge", 794, 1123),
    Make("pathology", 794, 1123),
    Make("clinic", 794, 1123),
    Make("triage", 640, 900),
    Make("maternity", 1123, 794),
    Make("operation", 794, 1123),
    Make("bodychart", 794, 1123),
    Make("prescription", 620, 880),
    Make("careplan", 1123, 794),
    Make("referral", 794, 1123),
    Make("record_dark", 1366, 768),
    Make("early_warning", 1280, 860),
)
_APART = (0, 5)
"""How far apart in the list the two organisations stand that print a make: no two makes share both."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One organisation's form of one make."""

    name: str
    make: Make
    house: Letterhead

    def drawn(self, seed: str | None) -> Page:
        """The page, filled in by a seed; None: blank."""
        make, own = self.make, None if seed is None else f"{self.name}/{seed}"
        return page(
            f"sf_{make.name}", make.width, make.height, SCALE, house=self.house, fill=partial(Filling, own)
        )


def forms() -> tuple[list[Sheet], list[Sheet]]:
    """The forms to register, and sister organisations' forms of the same makes."""
    return _printed_by(REGISTERED, "r"), _printed_by(SISTERS, "s")


def _printed_by(houses: tuple[Letterhead, ...], kind: str) -> list[Sheet]:
    numbers = [(make, (n + apart) % len(houses)) for n, make in enumerate(MAKES) for apart in _APART]
    return [Sheet(f"{make.name}_{kind}{number}", make, houses[number]) for make, number in numbers]
