"""The forms that template recognition is measured on: nobody's data, and sisters that are not registered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.synth.browser import Browser
from benchmarks.synth.numbers import audit
from benchmarks.synth.scenes import Picture
from benchmarks.templates.captures import CAPTURES
from benchmarks.templates.forms import MAKES, forms
from benchmarks.templates.organisations import HOUSES
from benchmarks.templates.second import SECOND
from benchmarks.templates.second.organisations import REGISTERED, SISTERS
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


def test_the_second_set_is_of_other_organisations_and_shows_no_issued_number() -> None:
    """Its sisters have no form registered, none of its organisations is of the first set."""
    registered, sisters = SECOND.forms()
    assert (len(registered), len(sisters)) == (24, 24)
    assert {form.make for form in registered} == {form.make for form in sisters}
    names = [house.name for house in (*HOUSES, *REGISTERED, *SISTERS)]
    assert len(names) == len(set(names))
    assert {form.house for form in sisters} <= set(SISTERS)
    pages = [
        (form.name, form.drawn(seed).text)
        for form in (*registered[::2], *sisters[::2])
        for seed in (None, "1")
    ]
    audit(pages)
    assert all(form.house.name in text for form, (_, text) in zip(registered[::2], pages[::2], strict=False))


@pytest.mark.needs_chromium
def test_the_second_set_has_the_same_captures_and_draws_them_alike_for_a_seed(chromium: Any) -> None:
    """A form is put into an app, and cut the same way twice; neither picture is an empty one."""
    assert set(SECOND.captures) == set(CAPTURES)
    triage = next(form for form in SECOND.forms()[0] if form.name.startswith("triage"))
    browser = Browser(chromium)
    drawn = browser.draw(triage.drawn("1"))
    taken = SECOND.captures["ui"](browser, drawn, 4).pixels
    once, again = (SECOND.captures["crop_l"](browser, drawn, 1).pixels for _ in range(2))
    assert np.array_equal(once, again)
    assert min(taken.std(), once.std()) > 10
    assert once.shape != drawn.pixels.shape != taken.shape
