"""The benchmark of templates: what it counts, on a folder of three pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detectors.base import EngineUnavailable, Pixels, TextLayer
from monitor.benchmark.templates import Corpus, measure
from monitor.errors import InvalidInput
from tests.detectors.letters import clinic_letter, encoded, landscape


class Blind:
    """Reads nothing: layouts are told without words."""

    name = "blind"

    def read(self, pixels: Pixels) -> TextLayer:
        """No words."""
        return TextLayer("ocr")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two templates, a capture of each, and a photograph of something else."""
    for part in ("templates", "images"):
        (tmp_path / part).mkdir()
    listed, rows = [], []
    for name, trust in (("a", "Castlebourne Hospitals NHS Trust"), ("b", "Kirkholme Surgery")):
        size = (1000, 1414) if name == "a" else (1400, 1000)
        (tmp_path / "templates" / f"{name}.png").write_bytes(
            encoded(clinic_letter(trust=trust, size=size).picture)
        )
        filled = clinic_letter(name="Tobias Wren", number="999 000 0018", trust=trust, size=size)
        (tmp_path / "images" / f"{name}.jpg").write_bytes(encoded(filled.picture, "JPEG", quality=60))
        listed.append({"template": f"{name}.png", "registered_as": "blank"})
        rows.append({"file": f"{name}.jpg", "template": name, "capture": "clean", "class": "positive"})
    (tmp_path / "images" / "hills.png").write_bytes(encoded(landscape()))
    rows.append({"file": "hills.png", "template": None, "capture": "photo", "class": "natural"})
    (tmp_path / "templates.json").write_text(json.dumps(listed))
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_own_templates_and_false_matches_are_counted(folder: Path) -> None:
    """Each capture is told its own template among others, and the photograph none."""
    ticks: list[None] = []
    report = measure(Corpus.read(folder), Blind(), count=6, tick=lambda: ticks.append(None))
    assert (report.templates, len(ticks)) == (6, 3)
    recall = {row[0]: row[1:] for row in report.recall()}
    assert recall["easy"][0].startswith("2 of 2")
    assert recall["easy"][1].startswith("0 of 2")
    assert next(report.false_matches())[1].startswith("0 of 1")
    assert list(report.wrong()) == []
    assert json.loads(json.dumps(report.summary()))["templates"] == 6


class Slow(Blind):
    """Takes too long on every page that is upright."""

    def read(self, pixels: Pixels) -> TextLayer:
        """No words, or none in time."""
        if pixels.shape[:2] == (1414, 1000):
            raise EngineUnavailable("Reading took too long.")
        return super().read(pixels)


def test_a_picture_that_cannot_be_read_is_missed_and_the_rest_counted(folder: Path) -> None:
    """One reading that takes too long is told as that picture's failure; the run goes on."""
    report = measure(Corpus.read(folder), Slow(), count=2)
    assert next(report.recall())[1].startswith("1 of 2")
    assert next(report.false_matches())[1].startswith("0 of 1")
    assert list(report.wrong()) == ["failed: a.jpg (EngineUnavailable: Reading took too long.)"]


def test_a_half_has_its_own_templates_captures(folder: Path) -> None:
    """The second half of the templates comes with its own captures and every other picture."""
    half = Corpus.read(folder, "second")
    assert [each["template"] for each in half.templates] == ["b.png"]
    assert [each.file.name for each in half.captures] == ["b.jpg", "hills.png"]


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """A folder without the files is one sentence."""
    with pytest.raises(InvalidInput, match=r"needs templates\.json"):
        Corpus.read(tmp_path)
