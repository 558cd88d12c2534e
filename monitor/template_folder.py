"""A folder of template pictures: a template's name is its file's stem.

`templates.yaml` beside them may say more of each:

    clinic-letter:
      organisation: Example Hospitals NHS Trust
      notes: Outpatients, all sites
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connectors.folder import MEDIA_TYPES
from detectors.base import ImageUnreadable
from detectors.templates import TemplateSignal, TemplateUnsuitable, signal_of
from monitor.errors import InvalidInput

FACTS_FILE = "templates.yaml"


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One template's picture and what is said of it."""

    path: Path
    name: str
    organisation: str | None
    notes: str | None


def templates_in(folder: Path) -> Iterator[TemplateFile]:
    """The templates of a folder by name. Raises InvalidInput."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder of template images.")
    facts = _facts(folder / FACTS_FILE)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in MEDIA_TYPES)
    unknown = sorted(facts.keys() - {path.stem for path in paths})
    if unknown:
        raise InvalidInput(f"{folder / FACTS_FILE} speaks of {unknown[0]!r}, but there is no such image.")
    if not paths:
        raise InvalidInput(f"{folder} holds no template image.")
    for path in paths:
        said = facts.get(path.stem) or {}
        yield TemplateFile(path, path.stem, said.get("organisation"), said.get("notes"))


def signals_in(folder: Path) -> tuple[TemplateSignal, ...]:
    """What pictures are compared with, for every template of a folder. Raises InvalidInput."""
    signals = []
    for file in templates_in(folder):
        try:
            signals.append(signal_of(file.path.read_bytes(), name=file.name, organisation=file.organisation))
        except (TemplateUnsuitable, ImageUnreadable) as error:
            raise InvalidInput(f"{file.path}: {error}") from None
    return tuple(signals)


def _facts(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        facts = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(facts, dict) or not all(isinstance(v, dict | None) for v in facts.values()):
        raise InvalidInput(f"{path} must map each template's name to its facts (docs/templates.md).")
    for name, said in facts.items():
        for fact in ("organisation", "notes"):
            if not isinstance((said or {}).get(fact), str | None):
                raise InvalidInput(f"{path}: the {fact} of {name!r} is not text; put it in quotes.")
    return facts
