"""The forms that template recognition is measured on: nobody's data, and sisters that are not registered."""

from __future__ import annotations

import numpy as np

from benchmarks.synth.numbers import audit
from benchmarks.synth.scenes import Picture
from benchmarks.templates.captures import CAPTURES
from benchmarks.templates.forms import MAKES, forms
from monitor.benchmark.templates import GROUPS


def test_no_form_shows_an_issued_number() -> None:
    """Blank or filled, every number on every form is one that nobody has."""
    pages = [(form.name, form.drawn(seed).text) for each in forms() for form in each for seed in (None, "1")]
    audit(pages)


def test_sisters_print_the_registered_makes_for_other_organisations() -> None:
    """Each make is registered and printed by others, and no sister's letter is a registered one."""
    registered, sisters = forms()
    assert {form.make for form in registered} == {form.make for form in sisters} == set(MAKES)
    assert not {form.name for form in registered} & {form.name for form in sisters}


def test_a_form_is_the_same_for_the_same_seed() -> None:
    """And another for another: another patient on the same print."""
    form = forms()[0][0]
    assert form.drawn("1").text == form.drawn("1").text != form.drawn("2").text
    assert form.house.name in form.drawn(None).text


def test_captures_are_the_benchmarks_own() -> None:
    """Every capture that the benchmark tells apart is drawn; those without a camera need no browser."""
    assert set(CAPTURES) == {name for group in GROUPS.values() for name in group}
    page = Picture(np.full((1200, 800, 3), 255, np.uint8))
    shapes = {n: CAPTURES[n](None, page, 1).pixels.shape[:2] for n in ("top", "body", "rot90", "crop_l")}  # type: ignore[arg-type]
    assert shapes == {"top": (600, 800), "body": (768, 800), "rot90": (800, 1200), "crop_l": (540, 360)}
