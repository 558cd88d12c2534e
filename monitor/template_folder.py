"""A folder of template pictures: a template's name is its file's stem.

`templates.yaml` beside them may say more of each (docs/templates.md):

    clinic-letter:
      organisation: Example Hospitals NHS Trust
      system: Outpatients
      samples: [clinic-letter-2.png]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connectors.folder import MEDIA_TYPES
from detectors.base import Box
from detectors.templates.base import TemplateSaid, Thresholds
from monitor.errors import InvalidInput

FACTS_FILE = "templates.yaml"
PICTURES = frozenset({*MEDIA_TYPES, ".pdf"})


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One template's pictures, the first its own, and what is said of it."""

    paths: tuple[Path, ...]
    said: TemplateSaid
    notes: str | None = None
    system: str | None = None

    def read(self) -> list[bytes]:
        """The pictures' bytes. Raises InvalidInput."""
        try:
            return [path.read_bytes() for path in self.paths]
        except OSError as error:
            raise InvalidInput(f"{error.filename} cannot be read: {error.strerror}.") from None


def templates_in(folder: Path) -> Iterator[TemplateFile]:
    """The templates of a folder by name. Raises InvalidInput."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder of template images.")
    facts = _facts(folder / FACTS_FILE)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    unknown = sorted(facts.keys() - {path.stem for path in paths})
    if unknown:
        raise InvalidInput(f"{folder / FACTS_FILE} speaks of {unknown[0]!r}, but there is no such image.")
    if not paths:
        raise InvalidInput(f"{folder} holds no template image.")
    further = {sample for said in facts.values() for sample in said.get("samples", ())}
    for path in paths:
        if path.name not in further:
            yield _file(path, facts.get(path.stem, {}))


def _file(path: Path, said: Mapping[str, Any]) -> TemplateFile:
    samples = tuple(path.parent / name for name in said.get("samples", ()))
    box = said.get("letterhead")
    return TemplateFile(
        paths=(path, *samples),
        said=TemplateSaid(
            name=path.stem,
            organisation=said.get("organisation"),
            kind=said.get("kind", "document"),
            letterhead=Box(*box) if box else None,
            filled=said.get("filled", bool(samples)),
            page=said.get("page", 1) - 1,
            thresholds=Thresholds.from_json(said.get("thresholds", {})),
        ),
        notes=said.get("notes"),
        system=said.get("system"),
    )


def _facts(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    try:
        facts = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not YAML: {' '.join(str(error).split())}.") from None
    if not isinstance(facts, dict) or not all(isinstance(v, dict | None) for v in facts.values()):
        raise InvalidInput(f"{path} must map each template's name to its facts (docs/templates.md).")
    known = {name: said or {} for name, said in facts.items()}
    for name, said in known.items():
        _check(path, name, said)
    return known


def _check(path: Path, name: str, said: Mapping[str, Any]) -> None:
    for fact, (fits, form) in _FORMS.items():
        if fact in said and not fits(said[fact]):
            raise InvalidInput(f"{path}: the {fact} of {name!r} is not {form}.")
    for sample in said.get("samples", ()):
        if not (path.parent / sample).is_file():
            raise InvalidInput(f"{path}: {name!r} names the sample {sample!r}, but there is no such file.")
    try:
        Thresholds.from_json(said.get("thresholds", {}))
    except ValueError as error:
        raise InvalidInput(f"{path}: {name!r}: {error}") from None


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_box(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(map(_is_count, value))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(n, str) and Path(n).name == n for n in value)


_FORMS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "organisation": (_is_text, "text; put it in quotes"),
    "notes": (_is_text, "text; put it in quotes"),
    "system": (_is_text, "text; put it in quotes"),
    "kind": (lambda value: value in ("document", "benign"), "'document' or 'benign'"),
    "filled": (lambda value: isinstance(value, bool), "true or false"),
    "page": (lambda value: _is_count(value) and value > 0, "a page's number, from 1"),
    "letterhead": (_is_box, "[x, y, width, height] in pixels"),
    "samples": (_are_names, "a list of names of files beside it"),
    "thresholds": (lambda value: isinstance(value, dict), "a mapping of thresholds"),
}
"""What templates.yaml may say of a template, how to tell whether it fits, and what it must be."""
