"""Reading foreign JSON: right values, and the path of what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import PayloadChanged
from connectors.payload import Json

STATUS = Json({"id": "7", "n": 7, "tags": [{"name": "a\x00b"}], "none": None}, "status")


def test_fields_of_the_documented_shape() -> None:
    """Text comes storable, lists in order, absent fields as null."""
    assert STATUS["id"].text() == "7"
    assert STATUS["id"].integer() == STATUS["n"].integer() == 7
    assert [tag["name"].text() for tag in STATUS["tags"].items()] == ["a\ufffdb"]
    assert not STATUS.get("other")
    assert STATUS.get("n").text_or("x") == "x"
    assert list(STATUS["none"].items_or_none()) == []


@pytest.mark.parametrize(
    ("read", "path"),
    [
        (lambda: STATUS["text"], "status.text"),
        (STATUS["n"].text, "status.n"),
        (STATUS["none"].items, "status.none"),
        (lambda: next(STATUS["tags"].items())["url"], "status.tags[0].url"),
        (lambda: STATUS["none"]["deep"], "status.none"),
        (lambda: Json("12a", "x").integer(), "x"),
        (lambda: Json(True, "x").integer(), "x"),
        (lambda: Json("yesterday", "x").moment(), "x"),
        (lambda: Json(10**30, "x").unix_time(), "x"),
    ],
)
def test_what_is_wrong_is_named(read: Callable[[], Any], path: str) -> None:
    """A field that is missing or of another kind is told by its path, without its value."""
    with pytest.raises(PayloadChanged) as changed:
        read()
    assert changed.value.path == path
    assert "12a" not in str(changed.value)
    assert "yesterday" not in str(changed.value)


def test_moments_are_utc() -> None:
    """A zone is honoured, and UTC is taken where there is none."""
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    for written in ("2026-11-25T12:00:00Z", "2026-11-25T13:00:00+01:00", "2026-11-25T12:00:00.000"):
        assert Json(written).moment() == noon
    assert Json(int(noon.timestamp())).unix_time() == noon


JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_any_value(value: Any) -> None:
    """Whatever stands in a field, it is read or refused, and nothing else."""
    field = Json(value)
    for read in (field.text, field.integer, field.moment, field.unix_time, lambda: list(field.items())):
        with suppress(PayloadChanged):
            read()
