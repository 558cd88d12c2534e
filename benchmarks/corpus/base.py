"""What a layout is, and the layouts of a split."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from benchmarks.synth.browser import Page
from benchmarks.synth.documents import Document
from benchmarks.synth.posts import Written

Split = Literal["train", "heldout", "validation", "test", "fresh"]
UNSEEN: tuple[Split, Split] = ("validation", "test")
"""The splits that share the layouts of `unseen/`."""
NUMBER_KINDS = {"nhs_number": "nhs", "chi_number": "chi", "hc_number": "hc"}
"""Kinds of mark that hold a patient's number -> the scheme's name in the manifest."""


class LayoutsUnusable(ValueError):
    """A split has no layouts, or two of one name."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of setting out a page, or of writing a post of words alone.

    Of a leak, `draw` gives a Document (or a Written) whose exposure names its people; each of their numbers
    that the page shows is marked with one of `NUMBER_KINDS`. Of a benign layout, nobody is exposed.
    """

    name: str
    split: Split
    """Of a layout in `unseen/`, whatever is written here, `layouts` says which of the two splits has it."""
    label: Literal["leak", "benign"]
    category: str
    leak_class: str
    """patient_record, staff_or_list, own_record, training_or_specimen, news_or_public or unknown."""
    draw: Callable[[Random], Document | Page | Written]
    captures: tuple[str, ...] = ()
    """Names of `captures.CAPTURES`, one of which is drawn for each picture; empty for a post of words."""
    captions: tuple[str, ...] = ()
    """Texts of the post, one of which is drawn for each picture; ignored where words are the post."""


def layouts(split: Split) -> tuple[Layout, ...]:
    """The layouts of a split, by name. Raises LayoutsUnusable."""
    folder = "unseen" if split in UNSEEN else split
    found = sorted(_found(folder), key=lambda layout: layout.name)
    if not found:
        raise LayoutsUnusable(f"benchmarks/corpus/{folder} has no layouts; add a module with LAYOUTS there")
    twice = [name for name, count in Counter(layout.name for layout in found).items() if count > 1]
    if twice:
        raise LayoutsUnusable(f"two layouts of {folder} are named {twice[0]}; rename one of them")
    return tuple(found if folder == split else _dealt(found, split))


def _dealt(found: Iterable[Layout], split: Split) -> Iterator[Layout]:
    """What one of `UNSEEN` gets: by turns, among the pictures and among the words of each label."""
    turns: Counter[tuple[str, bool]] = Counter()
    for layout in found:
        kind = (layout.label, bool(layout.captures))
        if UNSEEN[turns[kind] % len(UNSEEN)] == split:
            yield replace(layout, split=split)
        turns[kind] += 1


def _found(folder: str) -> Iterator[Layout]:
    package = f"benchmarks.corpus.{folder}"
    try:
        paths = importlib.import_module(package).__path__
    except ModuleNotFoundError as missing:
        if missing.name != package:
            raise
        return
    for module in pkgutil.iter_modules(paths, f"{package}."):
        yield from getattr(importlib.import_module(module.name), "LAYOUTS", ())
