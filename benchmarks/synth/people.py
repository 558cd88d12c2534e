"""Invented people. Postcode districts do not exist; phones are in the ranges kept for drama."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from benchmarks.synth.numbers import draw_nhs_number, spaced

WOMEN = [
    "Margaret",
    "Sandra",
    "Aisha",
    "Chloe",
    "Priya",
    "Bronwen",
    "Joan",
    "Ewa",
    "Siobhan",
    "Patricia",
    "Grace",
    "Yasmin",
    "Doreen",
    "Helen",
    "Leanne",
    "Farida",
    "Kathleen",
    "Olivia",
    "Denise",
    "Ruth",
]
MEN = [
    "Derek",
    "Tomasz",
    "Imran",
    "Callum",
    "Gareth",
    "Winston",
    "Alan",
    "Keith",
    "Rajesh",
    "Liam",
    "Stephen",
    "Kwame",
    "Norman",
    "Peter",
    "Darren",
    "Yusuf",
    "Malcolm",
    "Ethan",
    "Roy",
    "Graham",
]
FAMILIES = [
    "Hollingworth",
    "Cadwell",
    "Ashdown",
    "Okonjo-Bell",
    "Prewett",
    "Ramsbotham",
    "Thackeray",
    "Mirzah",
    "Pendlebury",
    "Costigan",
    "Wolstenholme",
    "Daintree",
    "Farrimond",
    "Kaczmar",
    "Uttley",
    "Brathwaite",
    "Entwhistle",
    "Sandhurst",
    "Yarrow",
    "Quennell",
    "Bickerstaffe",
    "Lathbury",
    "Oyelarin",
    "Tremlett",
    "Haworthy",
    "Gillespie-Nunn",
    "Castellane",
    "Wray",
    "Dunmore",
    "Fairbrass",
]
STREETS = ("Larkspur Avenue", "Mill Race Lane", "Tennyson Close", "Old Ferry Road", "Sycamore Terrace",
           "Albion Street", "Quarry Bank", "St Winifred's Road", "Harebell Drive", "Cobden Mews")  # fmt: skip
TOWNS = (
    ("Ashmarket", "AS"),
    ("Wexbourne", "WX"),
    ("Thornleigh", "TH"),
    ("Carrowby", "CX"),
    ("Eastmere", "EM"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    title: str
    given: str
    family: str
    sex: str
    born: date
    street: str
    town: str
    postcode: str
    phone: str
    nhs_number: str
    hospital_number: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"

    @property
    def nhs(self) -> str:
        """The NHS number as printed."""
        return spaced(self.nhs_number)

    @property
    def banner(self) -> str:
        """The name as clinical systems show it: FAMILY, Given (Title)."""
        return f"{self.family.upper()}, {self.given} ({self.title})"

    def dob(self, form: str = "%d/%m/%Y") -> str:
        """The date of birth, printed."""
        return self.born.strftime(form)

    def age(self, on: date) -> int:
        """Whole years at a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


def draw_postcode(rng: Random, area: str) -> str:
    """A postcode of the right shape in a district no area has (80 to 99)."""
    inward = "".join(rng.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    return f"{area}{rng.randint(80, 99)} {rng.randint(1, 9)}{inward}"


def draw_mobile(rng: Random) -> str:
    """A mobile number of the drama range."""
    return f"07700 900{rng.randint(0, 999):03d}"


def draw_landline(rng: Random) -> str:
    """A geographic number of the drama range."""
    return f"01632 960{rng.randint(0, 999):03d}"


def draw_person(rng: Random, ages: tuple[int, int] = (19, 88), sex: str | None = None) -> Person:
    """One person, aged within `ages` at the end of 2026."""
    sex = sex or rng.choice(("Female", "Male"))
    town, area = rng.choice(TOWNS)
    born = date(2026, 11, 1) - timedelta(days=round(rng.uniform(*ages) * 365.25))
    return Person(
        title=rng.choice(("Mrs", "Miss", "Ms")) if sex == "Female" else "Mr",
        given=rng.choice(WOMEN if sex == "Female" else MEN),
        family=rng.choice(FAMILIES),
        sex=sex,
        born=born,
        street=f"{rng.randint(2, 148)} {rng.choice(STREETS)}",
        town=town,
        postcode=draw_postcode(rng, area),
        phone=draw_mobile(rng),
        nhs_number=draw_nhs_number(rng),
        hospital_number=f"{rng.choice('KMRW')}{rng.randint(1_000_000, 9_999_999)}",
    )


def draw_clinician(rng: Random) -> str:
    """A doctor's name: Dr, an initial, a family name."""
    return f"Dr {rng.choice('ABCEHJKLMNPRST')} {rng.choice(FAMILIES)}"
