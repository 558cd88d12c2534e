"""A folder of templates and what its YAML file says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detectors.table import ExaminerConfig
from detectors.templates.bank import TemplateBank
from detectors.templates.base import TemplateSaid, Thresholds
from monitor.errors import InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.template_folder import templates_in
from monitor.template_learning import learn_files, scan_templates
from tests.monitor.pictures import LETTER, draw, encode

PAGE = encode(draw(LETTER.format(name="", number="")))
SMALL = encode(draw("x", size=(100, 100)))
CONFIG = ExaminerConfig()
Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Makes a folder of files: names to bytes or text."""

    def make(**content: bytes | str) -> Path:
        for name, data in content.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return tmp_path

    return make


def test_a_folder_names_its_templates(files: Files) -> None:
    """A template's name is its file's stem; templates.yaml says more; samples are no templates."""
    facts = """
b:
  organisation: Example Trust
  notes: all sites
  system: Theatres
  kind: benign
  letterhead: [10, 20, 300, 80]
  samples: [b-2.png]
  page: 2
  thresholds: {tiles: 20}
a:
"""
    folder = files(b__png=PAGE, a__png=PAGE, readme__txt="hello", templates__yaml=facts)
    (folder / "b-2.png").write_bytes(PAGE)
    first, second = templates_in(folder)
    assert (first.said, first.notes) == (TemplateSaid("a"), None)
    assert [path.name for path in second.paths] == ["b.png", "b-2.png"]
    assert (second.notes, second.system) == ("all sites", "Theatres")
    assert second.said == TemplateSaid(
        name="b",
        organisation="Example Trust",
        kind="benign",
        letterhead=(10, 20, 300, 80),  # type: ignore[arg-type]
        filled=True,
        page=1,
        thresholds=Thresholds(tiles=20),
    )


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("latter: {}", r"line 1: it speaks of 'latter', but there is no such image"),
        ("letter: [", r"line 1: this is not plain YAML"),
        ("- letter", r"line 1: each template's name must be followed by its facts"),
        ("letter: Example Trust", r"line 1: each template's name must be followed by its facts"),
        ("letter:\n  organisation: [1]", r"line 2: the organisation of 'letter' is not text"),
        ("letter: {letterhead: [1, 2]}", r"the letterhead of 'letter' is not \[x, y, width, height\]"),
        ("letter: {kind: good}", r"the kind of 'letter' is not 'document' or 'benign'"),
        ("letter: {page: 0}", r"the page of 'letter' is not a page's number"),
        ("letter: {samples: [gone.png]}", r"'letter' names the sample 'gone\.png'"),
        ("letter: {samples: [../gone.png]}", r"the samples of 'letter' is not a list of names"),
        ("letter: {thresholds: {size: 1}}", r"'letter': 'size' is not a threshold"),
        ("letter: {blank: true, filled: true}", r"'letter' cannot be blank and filled in"),
        (
            "letter: {notes: a}\nletter: {notes: b}",
            r"line 2: this is not plain YAML \(a key stands here twice",
        ),
        ("!!python/object/apply:os.system ['true']", r"templates\.yaml"),
    ],
)
def test_facts_that_do_not_fit_are_refused(files: Files, facts: str, said: str) -> None:
    """A name there is no picture of, another shape or no YAML: one sentence naming the file."""
    folder = files(letter__png=PAGE, templates__yaml=facts)
    with pytest.raises(InvalidInput, match=said) as caught:
        list(templates_in(folder))
    assert "\n" not in str(caught.value)


def test_a_key_that_is_not_known_is_told(files: Files) -> None:
    """A misspelt key is passed over and told, with what may be meant; a file's name is a name too."""
    folder = files(
        letter__png=PAGE, templates__yaml="letter.png:\n  blank: true\n  organization: Castle Vale\n"
    )
    (found,) = templates_in(folder)
    assert found.said == TemplateSaid("letter")
    (remark,) = found.remarks
    assert "line 3: 'organization' of 'letter.png' is not known (did you mean 'organisation'?)" in remark


def test_two_pictures_of_one_name_are_refused(files: Files) -> None:
    """A template's name is its file's stem."""
    with pytest.raises(InvalidInput, match="two pictures named 'letter'"):
        list(templates_in(files(letter__png=PAGE, letter__jpg=PAGE)))


def test_a_scan_leaves_out_what_cannot_be_learned(pool: ExaminePool, files: Files, tmp_path: Path) -> None:
    """A template that is unsuitable is told, and the others are used."""
    folder = list(templates_in(files(letter__png=PAGE, small__png=SMALL, templates__yaml="small: {size: 1}")))
    told: list[str] = []
    config = scan_templates(folder, tmp_path, pool, CONFIG, workers=1, tell=told.append)
    assert config.templates is not None
    assert [facts.name for facts in TemplateBank.open(Path(config.templates.path)).facts] == ["letter"]
    assert ["'size' of 'small' is not known" in told[0], "100 x 100 pixels" in told[1]] == [True, True]
    with pytest.raises(InvalidInput, match="None of the templates"):
        scan_templates(folder[1:], tmp_path, pool, CONFIG, workers=1, tell=told.append)


def test_a_folder_without_templates_is_refused(pool: ExaminePool, files: Files, tmp_path: Path) -> None:
    """An empty folder, none at all, or one with a broken picture: one sentence naming it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(InvalidInput, match="holds no template image"):
        list(templates_in(folder))
    with pytest.raises(InvalidInput, match="not a folder of template images"):
        list(templates_in(tmp_path / "nowhere"))
    broken = list(templates_in(files(broken__png=b"no picture")))
    learning = learn_files(broken, pool, CONFIG, 1)
    with pytest.raises(InvalidInput, match=r"broken\.png is not a picture"):
        list(learning)
