"""What people say of a template: its form in the database, and what of it cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from detectors.base import Box
from detectors.templates.base import TemplateSaid, Thresholds
from monitor.errors import InvalidInput
from monitor.storage.template import Template

LONGEST = {"name": 100, "organisation": 255, "system": 255, "notes": 2000}
"""Characters."""
_TAKEN = (".", "..", "new", "test")
"""What means something else in an address."""


def check_name(name: str) -> str:
    """A template's name, which stands in addresses. Raises InvalidInput."""
    if not 0 < len(name) <= LONGEST["name"] or name != name.strip():
        raise InvalidInput("A template's name has 1 to 100 characters and no space at its ends.")
    if name in _TAKEN or not name.isprintable() or "/" in name or "\\" in name:
        raise InvalidInput(f"A template cannot be named {name!r}: no slashes, and not 'new' or 'test'.")
    return name


def tidy(said: Mapping[str, Any]) -> dict[str, Any]:
    """Texts without space at their ends, None for empty ones. Raises InvalidInput for a long one."""
    return {name: _text(name, value) if name in LONGEST else value for name, value in said.items()}


def _text(name: str, value: Any) -> str | None:
    text = (value or "").strip() or None
    if text and len(text) > LONGEST[name]:
        raise InvalidInput(f"The {name} of a template has at most {LONGEST[name]} characters.")
    return text


def thresholds_of(stored: Mapping[str, int], given: Mapping[str, int | None]) -> dict[str, int]:
    """Thresholds with those that are given put in; None is the default again. Raises InvalidInput."""
    try:
        Thresholds.from_json({name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    defaults = asdict(Thresholds())
    kept = {name: value for name, value in {**stored, **given}.items() if value is not None}
    return {name: kept.get(name, default) for name, default in defaults.items()}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What one version changed, in words; nothing that was said: then it was learned anew."""
    texts = [name for name in ("organisation", "system", "notes") if before[name] != after[name]]
    if before["kind"] != after["kind"]:
        texts.append(f"now {after['kind']}")
    if before["enabled"] != after["enabled"]:
        texts.append("enabled" if after["enabled"] else "disabled")
    old, new = before["said"]["thresholds"], after["said"]["thresholds"]
    texts += [f"{name} {old[name]} to {new[name]}" for name in new if old[name] != new[name]]
    return texts or ["learned anew"]


def said_of(template: Template) -> TemplateSaid:
    """What was said of a template."""
    stored = template.said
    return TemplateSaid(
        name=template.name,
        organisation=template.organisation,
        kind="benign" if template.kind == "benign" else "document",
        letterhead=Box(*stored["letterhead"]) if stored["letterhead"] else None,
        filled=stored["filled"],
        page=stored["page"],
        thresholds=Thresholds(**stored["thresholds"]),
    )


def said_to_json(said: TemplateSaid) -> dict[str, Any]:
    """The part of it that has no column of its own."""
    return {
        "letterhead": list(said.letterhead) if said.letterhead else None,
        "filled": said.filled,
        "page": said.page,
        "thresholds": asdict(said.thresholds),
    }
