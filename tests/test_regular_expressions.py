"""Every regular expression that meets foreign text takes steps in proportion to the text's length."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.backtracking import Matcher, TooManySteps, hostile_texts

SIZE = 120
FEW = SIZE * SIZE // 4
"""Fewer steps than this cannot be quadratic: starting anew at each place of a run takes half its square."""
PACKAGES = ("detectors", "connectors")
DEPTH = 6

Key = tuple[str | bytes, int]


def patterns_in(value: object, seen: set[int], depth: int = 0) -> Iterator[Key]:
    """The compiled patterns in a module's value: alone, in collections, in our own objects."""
    if isinstance(value, re.Pattern):
        yield value.pattern, value.flags
    if id(value) in seen or depth > DEPTH:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        inside = [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inside = list(value)
    elif type(value).__module__.partition(".")[0] in PACKAGES:
        slots = getattr(type(value), "__slots__", ())
        inside = [*getattr(value, "__dict__", {}).values(), *(getattr(value, name, None) for name in slots)]
    else:
        return
    for each in inside:
        yield from patterns_in(each, seen, depth + 1)


def written_in(path: Path) -> Iterator[Key]:
    """The patterns that functions write where they use them: re.search(r"...", text)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, first = node.func.value, node.args[0] if node.args else None
        if isinstance(owner, ast.Name) and owner.id == "re" and isinstance(first, ast.Constant):
            yield first.value, int(re.UNICODE) if isinstance(first.value, str) else 0


def every_pattern() -> dict[Key, str]:
    """Every pattern of the libraries, and the module it stands in."""
    found: dict[Key, str] = {}
    for package in PACKAGES:
        modules = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
        for name in sorted(module.name for module in modules if not module.name.endswith("__main__")):
            module = importlib.import_module(name)
            keys = [*patterns_in(dict(vars(module)), set()), *written_in(Path(str(module.__file__)))]
            for key in keys:
                found.setdefault(key, name)
    return found


def worst(matcher: Matcher, size: int) -> tuple[int, str]:
    """The most steps that a hostile text of this size costs, and its beginning."""
    costs = []
    for text in hostile_texts(matcher, size):
        try:
            matcher.places(text)
        except TooManySteps:
            return sys.maxsize, text[:40]
        costs.append((matcher.steps, text[:40]))
    return max(costs, default=(0, ""))


def grows(pattern: str | bytes, flags: int) -> str | None:
    """The text that makes the steps grow faster than itself, None where there is none."""
    matcher = Matcher(pattern, flags)
    steps, text = worst(matcher, SIZE)
    if steps < FEW:
        return None
    if steps < sys.maxsize:
        doubled, text = worst(matcher, 2 * SIZE)
        if doubled < 3 * steps:
            return None
    return text


@pytest.mark.parametrize(
    ("slow", "linear"),
    [
        (r"\w+@", r"(?<!\w)\w+@"),
        (r"a\s*-?\s*b", r"a\s*+-?\s*+b"),
        (r"x(?:a+)+b", r"xa+b"),
        (r"x(?:a|ab?)*c", r"x(?>a|b)*c"),
        (r"\[[^\]]*\]", r"\[[^\]]*+\]?"),
    ],
)
def test_a_slow_pattern_is_told_from_a_linear_one(slow: str, linear: str) -> None:
    """Starting anew in a run, two repeats side by side, one in another: each is noticed, and its mend too."""
    assert grows(slow, 0) is not None
    assert grows(linear, 0) is None


@pytest.mark.parametrize(
    "pattern",
    [r"(?i)(?<![a-z])(?:ab|a)+?\b(?=\s|$)|\d++x", r"(?m)^\W*(?>a+)b?|[^a-c\s]{2,}?9", r"(?!a)\w{1,2}"],
)
@given(text=st.text("aAbx12 9\n", max_size=30))
def test_the_counting_matcher_is_the_engine(pattern: str, text: str) -> None:
    """It finds the places that the engine finds, so it counts the engine's own work."""
    assert Matcher(pattern).places(text) == [found.span() for found in re.finditer(pattern, text)]


def test_every_pattern_takes_linear_time() -> None:
    """No text makes a pattern's steps grow like the text's square, or worse."""
    patterns = every_pattern()
    assert len(patterns) > 150
    costly = [(name, str(key[0])[:80], text) for key, name in patterns.items() if (text := grows(*key))]
    assert costly == []
