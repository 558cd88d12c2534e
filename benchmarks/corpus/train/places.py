"""Organisations of the training layouts: names made of invented places, in the four nations' ways."""

from __future__ import annotations

from random import Random

from benchmarks.synth.organisations import Letterhead, Organisation, letterhead

_PLACES = ("Harrowdene", "Castlecombe Moor", "Brackenford", "Silverdyke", "Holmebridge", "Netherwick", "Saltersea",
           "Marlowby", "Penwithick", "Thackley Green", "Ouseburn Vale", "Coldharbour", "Dunmarsh", "Westering",
           "Ravensholt", "Fenwick Cross", "Leamford", "Oakhampstead", "Trentholme", "Sandwold")  # fmt: skip
_SCOTTISH = ("Strathcarron", "Glenlarig", "Kinnaird Firth", "Lochaber Braes", "Inverdoran", "Tayforth")
_WELSH = (("Dyffryn Alaw", "Alaw Valley"), ("Bro Hafren", "Hafren"), ("Glannau Teifi", "Teifi Shores"),
          ("Cwm Elan", "Elan Vale"))  # fmt: skip
_IRISH = ("Mournegate", "Lough Erne West", "Slievebawn", "Glenarm Coast")
_HOSPITALS = ("General Hospital", "Royal Infirmary", "District Hospital", "Memorial Hospital", "University Hospital",
              "Community Hospital", "Children's Hospital", "Cottage Hospital")  # fmt: skip
_SURGERIES = (
    "Surgery",
    "Medical Centre",
    "Health Centre",
    "Medical Practice",
    "Family Practice",
    "Group Practice",
)
_SAINTS = ("St Aldhelm's", "The Elms", "Riverside", "Church Lane", "Station Road", "Dr Whitlow & Partners", "Priory",
           "Hillcrest", "The Old Forge", "Market Square", "Beechwood", "Parkfield", "Lakeside", "Chapel Row")  # fmt: skip
_COLOURS = (
    "#005eb8",
    "#003087",
    "#0072ce",
    "#00539b",
    "#006747",
    "#7a1f5c",
    "#425563",
    "#330072",
    "#00696e",
    "#8a1538",
)


def _made(rng: Random, name: str, site: str, town: str) -> Letterhead:
    area = (town[0] + next((c for c in town[1:] if c in "XZWVKJ".lower()), "x")).upper()
    domain = "".join(c for c in name.lower() if c.isalpha())[:22] + ".example"
    mark = rng.choice(("wave", "cross", "leaf"))
    return letterhead(Organisation(name, site, town, area, rng.choice(_COLOURS), mark, domain))


def trust(rng: Random) -> Letterhead:
    """An English hospital trust."""
    place, other = rng.sample(_PLACES, 2)
    name = rng.choice((
        f"{place} Hospitals NHS Foundation Trust", f"{place} and {other} NHS Foundation Trust",
        f"University Hospitals {place} NHS Trust", f"{place} Teaching Hospitals NHS Foundation Trust",
        f"The Royal {place} NHS Trust", f"{place} Healthcare NHS Trust",
    ))  # fmt: skip
    return _made(rng, name, f"{place} {rng.choice(_HOSPITALS)}", place)


def community(rng: Random) -> Letterhead:
    """A community, mental health or ambulance trust."""
    place = rng.choice(_PLACES)
    kind = rng.choice(("Partnership NHS Foundation Trust", "Community Healthcare NHS Trust", "Mental Health NHS Trust",
                       "Health and Care NHS Trust", "Ambulance Service NHS Trust"))  # fmt: skip
    return _made(
        rng, f"{place} {kind}", rng.choice(("Trust Headquarters", "Beech House", "The Limes Unit")), place
    )


def surgery(rng: Random) -> Letterhead:
    """A general practice."""
    place = rng.choice(_PLACES)
    return _made(
        rng, f"{rng.choice(_SAINTS)} {rng.choice(_SURGERIES)}", f"{rng.randint(1, 90)} High Street", place
    )


def scottish(rng: Random) -> Letterhead:
    """A Scottish health board."""
    place = rng.choice(_SCOTTISH)
    return _made(rng, f"NHS {place}", f"{place} {rng.choice(_HOSPITALS[:4])}", place)


def welsh(rng: Random) -> tuple[Letterhead, str]:
    """A Welsh health board's paper, and its Welsh name."""
    cymraeg, english = rng.choice(_WELSH)
    made = _made(rng, f"{english} University Health Board", f"Ysbyty {cymraeg}", cymraeg)
    return made, f"Bwrdd Iechyd Prifysgol {cymraeg}"


def irish(rng: Random) -> Letterhead:
    """A trust of Northern Ireland."""
    place = rng.choice(_IRISH)
    return _made(rng, f"{place} Health and Social Care Trust", f"{place} Area Hospital", place)
