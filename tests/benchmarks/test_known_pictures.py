"""The benchmarks of reposts and of the index say what is so, on cases whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.benchmark.index import measure as measure_index
from monitor.benchmark.reposts import measure, read_letters
from monitor.errors import InvalidInput
from tests.detectors.letters import clinic_letter


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two patients' letters on one template."""
    rows = []
    for number, name in enumerate(("Marguerite Oakenfold", "Tobias Wren")):
        clinic_letter(name=name).picture.resize((600, 848)).save(tmp_path / f"{number}.png")
        rows.append({"file": f"{number}.png", "template": "clinic", "patient": number})
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_copies_are_found_and_patients_kept_apart(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recompressed and a bordered copy are merged, nothing is merged wrongly; phash would merge the two."""
    edits = ("recompress", "border")
    from monitor.benchmark import edits as made
    from monitor.benchmark import reposts

    monkeypatch.setattr(reposts, "EDITS", {name: made.EDITS[name] for name in edits})
    results = {result.kind: result for result in measure(read_letters(corpus), 1, lambda: None)}
    assert results["all targeted edits"].total == 4
    assert results["all targeted edits"].share("merged").value == 1
    assert results["all targeted edits"].counts["merged wrongly"] == 0
    others = results["other patients, same template"]
    assert (others.total, others.counts["merged"], others.counts["phash"]) == (1, 0, 1)


def test_a_corpus_without_letters_is_refused(tmp_path: Path) -> None:
    """One sentence says what the manifest must give."""
    with pytest.raises(InvalidInput, match=r"no manifest\.jsonl"):
        read_letters(tmp_path)
    (tmp_path / "manifest.jsonl").write_text('{"file": "a.png"}')
    with pytest.raises(InvalidInput, match="a template and a patient"):
        read_letters(tmp_path)


@pytest.mark.needs_postgres
def test_every_exact_way_finds_everything(postgres: object) -> None:
    """The index in memory (while it is built anew, too) and in PostgreSQL, and faiss, all with recall 1."""
    url = postgres.url(postgres.create())  # type: ignore[attr-defined]
    timings = {timing.name: timing for timing in measure_index(2000, 20, url)}
    assert {"the same, while it is built anew", "leakwatch in PostgreSQL", "faiss BinaryFlat"} <= set(timings)
    assert {timing.recall for timing in timings.values()} == {1.0}
