"""The picture layouts of a folder: each is an entry of its `content/leak_*.toml` or `benign_*.toml` and a page in its `html/`.

A page throws its own dice (`r`) for wording, order and values: it is rendered twice, for the audit and for the
picture, and the seed makes both alike.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.corpus import captures
from benchmarks.corpus.base import Layout, Split
from benchmarks.corpus.unseen import drawn
from benchmarks.corpus.unseen.who import Pools
from benchmarks.synth import drawing
from benchmarks.synth.browser import Page, as_data_uri, page
from benchmarks.synth.documents import TODAY, Document, Exposure, day
from benchmarks.synth.numbers import (
    could_be_issued,
    draw_decoy,
    draw_nhs_number,
    draw_prescription_id,
    spaced,
)
from benchmarks.synth.people import Person, draw_landline, draw_mobile

_SHOWN = ("screenshot", "screenshot", "phone_screenshot", "app_post", "story", "chat")
_CAPTURES = {
    "paper": captures.PAPER, "screen": captures.SCREEN, "file": captures.FILE, "object": captures.OBJECT,
    "phone": (*_SHOWN, "screen_photo"), "scene": _SHOWN,
    "close": ("close_up", "photo_easy", "photo_hard", "turned", "app_post_photo"),
}  # fmt: skip
"""How pictures of a kind are taken; a `scene` is drawn as a photograph already."""
_HIDES_WHO = "scribbled"
"""Left out: where it hides name and number of the one person shown, whether that is a leak can be argued."""


def _ten_digits(rng: Random) -> str:
    """A number of something else, most often one that fails modulus 11, as orders and accounts do."""
    while could_be_issued(number := f"{rng.randrange(10**9, 10**10)}"):
        pass
    return draw_decoy(rng, rng.choice(("5", "87", "9"))) if rng.random() < 0.4 else number


def _values(rng: Random, entry: Mapping[str, Any], who: Pools, people: tuple[Person, ...]) -> dict[str, Any]:
    """All that a page may use."""
    nation = entry.get("nation", "england")
    return {
        "sheet": entry["name"], "people": people, "p": people[0], "age": people[0].age(TODAY),
        "org": who.place(rng, nation, entry.get("at", "hospital")), "gp": who.place(rng, nation, "practice"),
        "staff": [f"{who.given(rng)} {who.family(rng)}" for _ in range(16)], "seed": rng.randrange(2**31),
        "dice": Random, "day": day, "today": TODAY, "code": drawing.code128, "spaced": spaced,
        "qr": as_data_uri(drawing.qr(f"{rng.randrange(16**12):012X}")), "ink": [drawing.scribble(rng) for _ in range(4)],
        "eps": draw_prescription_id(rng, "A99997"), "tens": [_ten_digits(rng) for _ in range(12)],
        "nobodies": [draw_nhs_number(rng) for _ in range(6)], "tels": [draw_landline(rng) for _ in range(6)],
        "mobiles": [draw_mobile(rng) for _ in range(8)],
    }  # fmt: skip


def _draw(entry: Mapping[str, Any], who: Pools) -> Callable[[Random], Document | Page]:
    width, height, scale = entry["size"]

    def draw(rng: Random) -> Document | Page:
        nation, ages = entry.get("nation", "england"), tuple(entry.get("ages", (19, 90)))
        count = entry.get("count", 1 if entry["label"] == "leak" else 5)
        people = who.patients(rng, count, nation, ages, entry.get("sex"))
        inner = tuple(drawn.PICTURES[kind](rng) for kind in entry.get("inner", ()))
        filled = _values(rng, entry, who, people)
        shown = page("un_", width, height, scale, inner=inner, **filled)
        exposure = Exposure(entry["kind"], filled["org"].name, people)
        return Document(shown, exposure) if entry["label"] == "leak" else shown

    return draw


def _layout(entry: Mapping[str, Any], said: Mapping[str, list[str]], split: Split, who: Pools) -> Layout:
    words = (*entry["said"] * 3, *said[entry["mood"]], *said["anything"])
    default = "patient_record" if entry["label"] == "leak" else "unknown"
    taken = tuple(way for way in _CAPTURES[entry["way"]] if way != _HIDES_WHO)
    return Layout(
        entry["name"], split, entry["label"], entry["kind"], entry.get("class", default), _draw(entry, who),
        taken, words,
    )  # fmt: skip


def sheets(folder: Path, split: Split) -> tuple[Layout, ...]:
    """The picture layouts whose `content/` and `html/` stand in a folder."""
    content, who = folder / "content", Pools(folder)
    said = tomllib.loads((content / "captions.toml").read_text("utf-8"))
    found = []
    for label in ("leak", "benign"):
        for file in sorted(content.glob(f"{label}_*.toml")):
            entries = tomllib.loads(file.read_text("utf-8")).items()
            found += [_layout({"name": n, "label": label, **e}, said, split, who) for n, e in entries]
    return tuple(found)


LAYOUTS = sheets(Path(__file__).parent, "validation")
