"""Corpora: folders of posts with what is true about them.

A corpus is a folder with a `manifest.jsonl`, one object a line:

- `id`: the post's name; a line without one is named by its file;
- `file`: its picture, a path beside the manifest; null or missing for a post of text;
- `post_text`: what its author wrote;
- `label`: "leak" or "benign";
- `category`, `capture`, `difficulty`, `layout`: groups it is counted in; all optional;
- `nhs_numbers`: the patient numbers a careful person reads in it, ten digits each;
- `nhs_numbers_illegible`: those that are there and cannot be read: neither rewarded nor punished.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.demo.sample import EXPECTED, FEED
from monitor.errors import InvalidInput

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    """One post of a corpus, and what is true about it."""

    identifier: str
    text: str
    file: Path | None
    leak: bool
    category: str = "unknown"
    capture: str = ""
    difficulty: str = ""
    layout: str = ""
    numbers: tuple[str, ...] = ()
    illegible: tuple[str, ...] = ()

    @property
    def medium(self) -> str:
        """Whether it is counted with the pictures or with the posts of text."""
        return "picture" if self.file else "text"


def read_corpus(folder: Path | None) -> list[Case]:
    """The cases of a folder, or of the sample feed. Raises InvalidInput with one sentence."""
    return list(_sample() if folder is None else _rows(folder))


def _rows(folder: Path) -> Iterator[Case]:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise InvalidInput(f"{folder} is no corpus: it has no {MANIFEST} (docs/detection.md gives its form).")
    for number, line in enumerate(manifest.read_text("utf-8").splitlines(), 1):
        if line.strip():
            yield _case(folder, f"{manifest}, line {number}", line)


def _case(folder: Path, place: str, line: str) -> Case:
    try:
        row: Mapping[str, Any] = json.loads(line)
        file = folder / row["file"] if row.get("file") else None
        identifier = str(row.get("id") or row["file"])
        label = row["label"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(f"{place} is not an object with a label and an id or a file.") from None
    if label not in ("leak", "benign"):
        raise InvalidInput(f'{place}: the label must be "leak" or "benign".')
    if file is not None and not file.is_file():
        raise InvalidInput(f"{place} names {file.name}, which is not beside the manifest.")
    return Case(
        identifier,
        row.get("post_text") or "",
        file,
        label == "leak",
        **{name: str(row.get(name) or "") for name in ("capture", "difficulty", "layout")},
        category=str(row.get("category") or "unknown"),
        numbers=tuple(row.get("nhs_numbers") or ()),
        illegible=tuple(row.get("nhs_numbers_illegible") or ()),
    )


def _sample() -> Iterator[Case]:
    expected = json.loads(EXPECTED.read_text("utf-8"))
    for line in (FEED / "posts.jsonl").read_text("utf-8").splitlines():
        post = json.loads(line)
        true = expected[post["id"]]
        file = FEED / post["files"][0] if post["files"] else None
        yield Case(
            post["id"],
            post["text"],
            file,
            true["alert"],
            true["category"],
            numbers=tuple(true["nhs_numbers"]) if true["alert"] else (),
        )
