"""Templates: registered from pictures or a folder of them, changed, and used by the next examination."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detectors.templates.base import TemplateSaid, Thresholds
from detectors.templates.packing import unpack
from detectors.templates.report import Learning
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.storage.blob import Blob
from monitor.storage.template import Template, all_templates, template_named, versions_of
from monitor.template_banks import BANKS_KEPT
from monitor.template_folder import templates_in
from monitor.templates import (
    Registration,
    base_config,
    change_template,
    describe_template,
    examiner_config,
    learn_again,
    learn_files,
    learn_template,
    register_template,
)
from tests.monitor.pictures import LETTER, draw, encode, letter

PAGE = encode(draw(LETTER.format(name="", number="")))
SMALL = encode(draw("x", size=(100, 100)))
Files = Callable[..., Path]


@pytest.fixture(scope="session")
def learning(pool: ExaminePool, tmp_path_factory: pytest.TempPathFactory) -> Learning:
    """What a letter is learned as; learned once, since a worker must read it."""
    from monitor.settings import Settings

    config = base_config(Settings(data_dir=tmp_path_factory.mktemp("data")))
    return learn_template([PAGE], TemplateSaid("letter", "Castle Vale"), pool, config)


@pytest.fixture
def register(core: Core, learning: Learning) -> Callable[..., Template]:
    """Registers the letter under a name."""

    def run(name: str = "letter") -> Template:
        new = Registration(TemplateSaid(name, "Castle Vale"), (PAGE,), learning, "all sites", "Outpatients")
        with core.database.transaction() as session:
            return register_template(session, core.blobs, new, actor="test", now=core.now())

    return run


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Makes a folder of files: names to bytes or text."""

    def make(**content: bytes | str) -> Path:
        for name, data in content.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return tmp_path

    return make


def change(core: Core, **changes: object) -> None:
    """Change the letter."""
    with core.database.transaction() as session:
        template = template_named(session, "letter")
        change_template(session, template, changes, actor="test", now=core.now())


def test_a_registered_template_is_used_by_the_next_examination(
    core: Core, pool: ExaminePool, register: Callable[..., Template]
) -> None:
    """A template is in use for whatever is examined from now on, unless it is switched off."""
    before = examiner_config(core)
    register()
    after = examiner_config(core)
    assert before.signature != after.signature
    found = [f for f in pool.examine_image(letter(), after).findings if f.kind == "template"]
    assert [(f.masked, f.explanation.facts["level"]) for f in found] == [("letter", "trust_confirmed")]
    change(core, enabled=False)
    assert examiner_config(core) == before


def test_every_change_is_remembered(core: Core, register: Callable[..., Template]) -> None:
    """Each change counts the version up; the history keeps who, and what was said before."""
    register()
    change(core, notes="one site", thresholds={"tiles": 30})
    with core.database.read() as session:
        template = template_named(session, "letter")
        versions = versions_of(session, template)
        described = describe_template(session, "letter")
    assert template.packed is not None
    assert unpack(template.packed).facts.thresholds == Thresholds(tiles=30)
    assert [(v.version, v.actor, v.facts["notes"]) for v in versions] == [
        (2, "test", "one site"),
        (1, "test", "all sites"),
    ]
    assert (described["system"], described["thresholds"]["tiles"]) == ("Outpatients", 30)
    assert "vale" in described["words"]


def test_a_threshold_there_is_none_of_is_refused(core: Core, register: Callable[..., Template]) -> None:
    """A wrong threshold changes nothing."""
    register()
    with pytest.raises(InvalidInput, match="'sharpness' is not a threshold"):
        change(core, thresholds={"sharpness": 1})
    with core.database.read() as session:
        assert template_named(session, "letter").version == 1


def test_old_banks_are_removed(core: Core, register: Callable[..., Template]) -> None:
    """The file that workers map is written anew for each change; a few older ones stay."""
    register()
    for tiles in range(BANKS_KEPT + 3):
        change(core, thresholds={"tiles": 1 + tiles})
        file = examiner_config(core).templates
    assert file is not None
    banks = list(Path(file.path).parent.iterdir())
    assert Path(file.path) in banks
    assert len(banks) == BANKS_KEPT


def test_a_template_is_learned_again_from_its_own_picture(
    core: Core, pool: ExaminePool, register: Callable[..., Template]
) -> None:
    """A template of an older form is out of use until it is learned again from the picture that was kept."""
    register()
    with core.database.transaction() as session:
        template = template_named(session, "letter")
        template.packed = template.digest = None
    assert examiner_config(core).templates is None
    assert learn_again(core, pool, None, actor="test") == ["letter"]
    assert examiner_config(core).templates is not None


def test_the_picture_is_kept_sealed(core: Core, register: Callable[..., Template]) -> None:
    """The template's own picture is kept like evidence: encrypted, readable again."""
    template = register()
    with core.database.read() as session:
        assert core.blobs.read(session, template.blob_sha256) == PAGE
        assert session.get_one(Blob, template.blob_sha256).media_type == "image/png"


@pytest.mark.parametrize(("data", "said"), [(b"words only", "not a picture"), (SMALL, "100 x 100 pixels")])
def test_what_cannot_be_a_template_is_refused(core: Core, pool: ExaminePool, data: bytes, said: str) -> None:
    """Words, or a picture too small to compare, are refused with the reason."""
    with pytest.raises(InvalidInput, match=said):
        learn_template([data], TemplateSaid("x"), pool, base_config(core.settings))


def test_a_name_is_taken_once(core: Core, register: Callable[..., Template]) -> None:
    """A second template of a name is refused."""
    register()
    with pytest.raises(Conflict, match="template named 'letter'"):
        register()
    with core.database.read() as session:
        assert len(all_templates(session)) == 1


def test_a_near_collision_is_warned_of(
    core: Core, pool: ExaminePool, register: Callable[..., Template]
) -> None:
    """Whoever registers a template that looks like one in use is told which."""
    register()
    again = learn_template([letter()], TemplateSaid("other"), pool, examiner_config(core))
    assert any("other looks like letter" in warning for warning in again.warnings)


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
        ("latter: {}", r"templates\.yaml speaks of 'latter', but there is no such image"),
        ("letter: [", r"templates\.yaml is not YAML"),
        ("- letter", r"templates\.yaml must map each template's name"),
        ("letter: Example Trust", r"templates\.yaml must map each template's name"),
        ("letter: {organisation: [1]}", r"templates\.yaml: the organisation of 'letter' is not text"),
        ("letter: {letterhead: [1, 2]}", r"the letterhead of 'letter' is not \[x, y, width, height\]"),
        ("letter: {kind: good}", r"the kind of 'letter' is not 'document' or 'benign'"),
        ("letter: {page: 0}", r"the page of 'letter' is not a page's number"),
        ("letter: {samples: [gone.png]}", r"'letter' names the sample 'gone\.png'"),
        ("letter: {samples: [../gone.png]}", r"the samples of 'letter' is not a list of names"),
        ("letter: {thresholds: {size: 1}}", r"'letter': 'size' is not a threshold"),
        ("!!python/object/apply:os.system ['true']", r"templates\.yaml is not YAML"),
    ],
)
def test_facts_that_do_not_fit_are_refused(files: Files, facts: str, said: str) -> None:
    """A name there is no picture of, another shape or no YAML: one sentence naming the file."""
    folder = files(letter__png=PAGE, templates__yaml=facts)
    with pytest.raises(InvalidInput, match=said) as caught:
        list(templates_in(folder))
    assert "\n" not in str(caught.value)


def test_a_folder_without_templates_is_refused(
    core: Core, pool: ExaminePool, files: Files, tmp_path: Path
) -> None:
    """An empty folder, none at all, or one with a broken picture: one sentence naming it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(InvalidInput, match="holds no template image"):
        list(templates_in(folder))
    with pytest.raises(InvalidInput, match="not a folder of template images"):
        list(templates_in(tmp_path / "nowhere"))
    broken = list(templates_in(files(broken__png=b"no picture")))
    learning = learn_files(broken, pool, base_config(core.settings), 1)
    with pytest.raises(InvalidInput, match=r"broken\.png: "):
        list(learning)
