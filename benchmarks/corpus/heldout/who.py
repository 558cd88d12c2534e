"""The people, organisations and numbers of the held-out layouts: pools of their own, shared with no other set."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from random import Random

from benchmarks.synth.documents import TODAY
from benchmarks.synth.numbers import draw_nhs_number
from benchmarks.synth.organisations import Letterhead, Organisation, letterhead
from benchmarks.synth.people import Person, draw_mobile, draw_postcode

_NAMES: dict[str, list[str]] = {
    kind: names.split()
    for kind, names in tomllib.loads(
        (Path(__file__).parent / "content" / "names.toml").read_text("utf-8")
    ).items()
}
_STREETS = (
    "Cinder Path", "Foundry Row", "Bluebell Rise", "Chapel Brow", "The Ropewalk", "Osier Close", "Gasworks Lane",
    "Nightingale Court", "Pinfold Garth", "Hawthorn Way", "Station Approach", "Ladysmith Villas", "Upper Weir",
    "Kestrel Drive", "Bishop's Yard", "Trellis House", "Jubilee Crescent", "Brickfield Street",
)  # fmt: skip
_TOWNS = {
    "england": (("Harrowmoor", "RX"), ("Stellingford", "JD"), ("Kettlewick", "KX"), ("Marlhaven", "ZH")),
    "scotland": (("Inverdrum", "VL"), ("Kirkaulay", "GN")),
    "wales": (("Llanfedwyn", "FV"), ("Aberllwyd", "PJ")),
    "ni": (("Ballycrannagh", "MZ"), ("Lisnabrack", "MZ")),
}


def _org(line: str) -> Organisation:
    name, site, town, area, colour, mark, domain = line.split(" | ")
    return Organisation(name, site, town, area, colour, mark, f"{domain}.example")


_ORGANISATIONS: dict[tuple[str, str], tuple[Organisation, ...]] = {
    ("england", "hospital"): tuple(map(_org, (
        "Harrowmoor Teaching Hospitals NHS Foundation Trust | Harrowmoor Infirmary | Harrowmoor | RX | #005eb8 | cross"
        " | harrowmoorteaching",
        "Stellingford and Kettlewick NHS Trust | Kettlewick District Hospital | Kettlewick | KX | #003087 | leaf | skt",
        "Marl Estuary University Hospitals NHS Foundation Trust | St Eadburga's Hospital | Marlhaven | ZH | #0072ce"
        " | wave | marlestuary",
        "Orle Valley Hospitals NHS Trust | The Orle Hospital | Stellingford | JD | #41748d | leaf | orlevalley",
    ))),
    ("england", "mental"): tuple(map(_org, (
        "Fenside Partnership NHS Foundation Trust | Larch House | Harrowmoor | RX | #006747 | leaf | fenside",
        "Two Dales Mental Health and Learning Disability NHS Trust | The Sycamore Unit | Kettlewick | KX | #330072"
        " | wave | twodales",
    ))),
    ("england", "community"): tuple(map(_org, (
        "Dunwick Community Healthcare CIC | Ropewalk Clinic | Marlhaven | ZH | #00828a | leaf | dunwickcommunity",
        "Moorside Integrated Community Services | Pinfold Centre | Harrowmoor | RX | #ae2573 | wave | moorsideics",
    ))),
    ("england", "practice"): tuple(map(_org, (
        "The Tannery Practice | 2 Gasworks Lane | Harrowmoor | RX | #5b2c6f | leaf | tannerypractice",
        "Copperfield Lane Surgery | Copperfield Lane | Stellingford | JD | #006747 | cross | copperfieldlane",
        "Kettlewick Health Hub | Unit 4, The Maltings | Kettlewick | KX | #9a3324 | wave | kettlewickhub",
        "Meadowgate Medical Group | Jubilee Crescent | Marlhaven | ZH | #33558b | leaf | meadowgate",
    ))),
    ("scotland", "hospital"): tuple(map(_org, (
        "NHS Strathfarrow | Inverdrum Infirmary | Inverdrum | VL | #004b8d | wave | nhsstrathfarrow",
        "NHS Carse and Glens | Kirkaulay Hospital | Kirkaulay | GN | #0b5394 | cross | nhscarseglens",
    ))),
    ("scotland", "practice"): tuple(map(_org, (
        "Inverdrum Medical Practice | The Old Creamery | Inverdrum | VL | #3b5249 | leaf | inverdrummp",
    ))),
    ("wales", "hospital"): tuple(map(_org, (
        "Bwrdd Iechyd Prifysgol Dyffryn Llwyd / Llwyd Valley University Health Board | Ysbyty Llanfedwyn | Llanfedwyn"
        " | FV | #325083 | wave | bipdyffrynllwyd",
    ))),
    ("wales", "practice"): tuple(map(_org, (
        "Canolfan Iechyd Aberllwyd Health Centre | Heol y Bont | Aberllwyd | PJ | #7d2248 | leaf | aberllwyd",
    ))),
    ("ni", "hospital"): tuple(map(_org, (
        "Mourneside Health and Social Care Trust | Ballycrannagh Area Hospital | Ballycrannagh | MZ | #00677f | wave"
        " | mournesidetrust",
    ))),
    ("ni", "practice"): tuple(map(_org, (
        "Lisnabrack Family Practice | Mill Street | Lisnabrack | MZ | #4b6043 | leaf | lisnabrackfp",
    ))),
}  # fmt: skip

# Scotland keeps no test range: these are test values published by Public Health Scotland (phsmethods).
_CHI = (
    ("1904851231", "Male", date(1985, 4, 19)),
    ("0101011237", "Male", date(2001, 1, 1)),
    ("0101336489", "Female", date(1933, 1, 1)),
    ("2902201230", "Male", date(2020, 2, 29)),
)


def organisation(rng: Random, nation: str, kind: str) -> Letterhead:
    """One organisation of a nation: hospital, mental, community or practice."""
    pool = _ORGANISATIONS.get((nation, kind)) or _ORGANISATIONS[(nation, "hospital")]
    return letterhead(rng.choice(pool))


def given_name(rng: Random, sex: str) -> str:
    """A first name."""
    return rng.choice(_NAMES["women" if sex == "Female" else "men"])


def family_name(rng: Random) -> str:
    """A family name."""
    return rng.choice(_NAMES["families"])


def staff(rng: Random) -> str:
    """Given and family name of somebody at work."""
    return f"{given_name(rng, rng.choice(('Female', 'Male')))} {family_name(rng)}"


def _hospital_number(rng: Random) -> str:
    form = rng.choice(("{a}{n:07d}", "{n:07d}", "{a}{b}{m:06d}", "{m:06d}", "0{n:07d}", "{a}{m:06d}"))
    a, b = rng.choice("ABDGHNPTVX"), rng.choice("CHKLX")
    return form.format(a=a, b=b, n=rng.randint(1_000_000, 9_999_999), m=rng.randint(100_000, 999_999))


def patient(
    rng: Random, ages: tuple[float, float] = (19, 88), sex: str | None = None, nation: str = "england"
) -> Person:
    """One person of a nation; in Scotland age and sex follow from the published CHI number."""
    sex = sex or rng.choice(("Female", "Male"))
    born = TODAY - timedelta(days=round(rng.uniform(*ages) * 365.25))
    number = draw_nhs_number(rng)
    if nation == "scotland":
        number, sex, born = rng.choice([c for c in _CHI if c[2].year < 2015 or ages[0] < 12])
    town, area = rng.choice(_TOWNS[nation])
    titles = ("Mrs", "Miss", "Ms", "Mrs", "Dr") if sex == "Female" else ("Mr", "Mr", "Mr", "Dr", "Rev")
    child = (TODAY - born).days < 16 * 365
    return Person(
        title=("Miss" if sex == "Female" else "Master") if child else rng.choice(titles),
        given=given_name(rng, sex), family=family_name(rng), sex=sex, born=born,
        street=f"{rng.randint(1, 96)} {rng.choice(_STREETS)}", town=town, postcode=draw_postcode(rng, area),
        phone=draw_mobile(rng), nhs_number=number, hospital_number=_hospital_number(rng),
    )  # fmt: skip
