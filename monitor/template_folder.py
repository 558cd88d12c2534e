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
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from connectors.folder import MEDIA_TYPES
from detectors.base import Box
from detectors.templates.base import TemplateSaid, Thresholds
from monitor.errors import InvalidInput
from monitor.yaml_file import Place, YamlFile

FACTS_FILES = ("templates.yaml", "templates.yml")
PICTURES = frozenset({*MEDIA_TYPES, ".pdf"})


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One template's pictures, the first its own, what is said of it, and what of that was passed over."""

    paths: tuple[Path, ...]
    said: TemplateSaid
    notes: str | None = None
    system: str | None = None
    remarks: tuple[str, ...] = ()

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
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    facts = _Facts(folder, paths)
    if not paths:
        raise InvalidInput(f"{folder} holds no template image.")
    stems = set()
    for path in paths:
        if path.name in facts.further:
            continue
        if path.stem in stems:
            raise InvalidInput(f"{folder} holds two pictures named {path.stem!r}; give one another name.")
        stems.add(path.stem)
        yield facts.file(path)


class _Facts:
    """What templates.yaml says, checked."""

    def __init__(self, folder: Path, paths: list[Path]) -> None:
        self._said: dict[str, Mapping[str, Any]] = {}
        found = [folder / name for name in FACTS_FILES if (folder / name).exists()]
        if found:
            self._yaml = YamlFile(found[0])
            self._said = self._checked({path.stem for path in paths} | {path.name for path in paths})
        self.further = {sample for said in self._said.values() for sample in said.get("samples", ())}

    def _checked(self, there: set[str]) -> dict[str, Mapping[str, Any]]:
        facts = self._yaml.content or {}
        if not isinstance(facts, dict) or not all(isinstance(v, dict | None) for v in facts.values()):
            raise self._yaml.wrong(
                1, "each template's name must be followed by its facts (docs/templates.md)"
            )
        for name, said in facts.items():
            if name not in there:
                raise self._yaml.wrong([name], f"it speaks of {name!r}, but there is no such image")
            self._check(name, said or {})
        return {name: said or {} for name, said in facts.items()}

    def _check(self, name: str, said: Mapping[str, Any]) -> None:
        for fact, (fits, form) in _FORMS.items():
            if fact in said and not fits(said[fact]):
                raise self._wrong([name, fact], f"the {fact} of {name!r} is not {form}")
        for sample in said.get("samples", ()):
            if not (self._yaml.path.parent / sample).is_file():
                what = f"{name!r} names the sample {sample!r}, but there is no such file"
                raise self._wrong([name, "samples"], what)
        if said.get("blank") and (said.get("filled") or said.get("samples")):
            raise self._wrong([name, "blank"], f"{name!r} cannot be blank and filled in")
        try:
            Thresholds.from_json(said.get("thresholds", {}))
        except ValueError as error:
            raise self._wrong([name, "thresholds"], f"{name!r}: {str(error).removesuffix('.')}") from None

    def _wrong(self, place: Place, what: str) -> InvalidInput:
        return self._yaml.wrong(place, what)

    def file(self, path: Path) -> TemplateFile:
        """The template of a picture."""
        key = path.name if path.name in self._said else path.stem
        said = self._said.get(key, {})
        samples = tuple(path.parent / name for name in said.get("samples", ()))
        box = said.get("letterhead")
        return TemplateFile(
            paths=(path, *samples),
            said=TemplateSaid(
                name=path.stem,
                organisation=said.get("organisation"),
                kind=said.get("kind", "document"),
                letterhead=Box(*box) if box else None,
                filled=said.get("filled", bool(samples) or said.get("blank") is False),
                page=said.get("page", 1) - 1,
                thresholds=Thresholds.from_json(said.get("thresholds", {})),
            ),
            notes=said.get("notes"),
            system=said.get("system"),
            remarks=tuple(self._remark(key, fact) for fact in said if fact not in _FORMS),
        )

    def _remark(self, name: str, fact: Any) -> str:
        near = get_close_matches(str(fact), list(_FORMS), n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        line = self._yaml.line_of([name, fact])
        return f"{self._yaml.path} line {line}: {fact!r} of {name!r} is not known{hint} and was passed over."


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
    "blank": (lambda value: isinstance(value, bool), "true or false"),
    "kind": (lambda value: value in ("document", "benign"), "'document' or 'benign'"),
    "filled": (lambda value: isinstance(value, bool), "true or false"),
    "page": (lambda value: _is_count(value) and value > 0, "a page's number, from 1"),
    "letterhead": (_is_box, "[x, y, width, height] in pixels"),
    "samples": (_are_names, "a list of names of files beside it"),
    "thresholds": (lambda value: isinstance(value, dict), "a mapping of thresholds"),
}
"""What templates.yaml may say of a template, how to tell whether it fits, and what it must be."""
