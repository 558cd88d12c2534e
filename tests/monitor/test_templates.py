"""Templates: registered from pictures or a folder of them, changed, and used by the next examination."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from detectors.templates.base import TemplateSaid, Thresholds
from detectors.templates.packing import pack, unpack
from detectors.templates.report import Learning
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, NotFound, TemplateChanged
from monitor.pipeline.pool import ExaminationCrashed, ExaminePool
from monitor.storage.template import Template, all_templates, template_named, versions_of
from monitor.template_banks import BANKS_KEPT
from monitor.template_learning import (
    Learned,
    learn_again,
    learn_template,
    warn_of_each_other,
)
from monitor.templates import (
    Registration,
    base_config,
    change_template,
    describe_template,
    examiner_config,
    find_registered,
    pictures_of,
    register_template,
    remove_template,
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


def change(core: Core, **changes: object) -> None:
    """Change the letter."""
    with core.database.transaction() as session:
        change_template(session, "letter", changes, actor="test", now=core.now())


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
    assert [each["changed"] for each in described["history"]] == [["notes", "tiles 12 to 30"], ["registered"]]
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
    assert list(learn_again(core, pool, None, actor="test")) == [Learned("letter")]
    assert examiner_config(core).templates is not None


def test_one_template_that_cannot_be_learned_again_stops_no_other(
    core: Core, pool: ExaminePool, register: Callable[..., Template]
) -> None:
    """A template whose picture is gone is named with the reason; the next is learned."""
    with core.database.transaction() as session:
        core.blobs.forget(session, register("a").blob_sha256, core.now())
    register("b")
    lost, learned = learn_again(core, pool, None, actor="test")
    assert (lost.name, "no stored file" in (lost.problem or "")) == ("a", True)
    assert learned == Learned("b")


def test_what_is_so_already_is_no_change(core: Core, register: Callable[..., Template]) -> None:
    """Saying again what was said counts no version up; an empty text takes away what was said."""
    register()
    change(core, notes=" all sites ", enabled=True, thresholds={"tiles": 12})
    with core.database.read() as session:
        assert template_named(session, "letter").version == 1
    change(core, notes="")
    with core.database.read() as session:
        template = template_named(session, "letter")
    assert (template.version, template.notes) == (2, None)


def test_thresholds_that_are_not_named_stay(core: Core, register: Callable[..., Template]) -> None:
    """Each threshold is changed by itself; none is the default again."""
    register()
    change(core, thresholds={"tiles": 30})
    change(core, thresholds={"inliers": 40})
    with core.database.read() as session:
        assert describe_template(session, "letter")["thresholds"] == asdict(Thresholds(tiles=30, inliers=40))
    change(core, thresholds={"tiles": None})
    with core.database.read() as session:
        assert describe_template(session, "letter")["thresholds"] == asdict(Thresholds(inliers=40))


def test_changes_at_the_same_moment_wait_for_each_other(
    core: Core, register: Callable[..., Template]
) -> None:
    """Two people who change a template at once make two versions, and neither is lost."""
    register()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: change(core, thresholds={"tiles": 20 + n}), range(4)))
    with core.database.read() as session:
        template = template_named(session, "letter")
        assert [v.version for v in versions_of(session, template)] == [5, 4, 3, 2, 1]


def test_a_template_changed_meanwhile_is_not_changed_over(
    core: Core, register: Callable[..., Template]
) -> None:
    """Whoever says which version they saw changes that one or none."""
    register()
    change(core, notes="one site")
    with pytest.raises(TemplateChanged), core.database.transaction() as session:
        change_template(session, "letter", {"notes": "x"}, actor="test", now=core.now(), versions={1})


def test_the_same_registration_again_is_found(core: Core, register: Callable[..., Template]) -> None:
    """The same pictures with the same facts are the template there is; others of its name are refused."""
    template, said = register(), TemplateSaid("letter", "Castle Vale")
    change(core, notes="changed since")
    with core.database.read() as session:
        known = find_registered(session, said, (PAGE,), "all sites", "Outpatients")
        assert known is not None
        assert known.id == template.id
        assert find_registered(session, TemplateSaid("other"), (PAGE,), None, None) is None
        for pictures, notes in (((SMALL,), "all sites"), ((PAGE,), "other notes")):
            with pytest.raises(Conflict):
                find_registered(session, said, pictures, notes, "Outpatients")


@pytest.mark.parametrize("name", ["", " x", "../x", "a\\b", "new", "test", "..", "x" * 101, "a\nb"])
def test_names_that_do_not_fit_into_an_address_are_refused(
    core: Core, register: Callable[..., Template], name: str
) -> None:
    """A name stands in the addresses of console and API."""
    with pytest.raises(InvalidInput, match="template"):
        register(name)


@pytest.mark.parametrize("name", ["Überweisung (2024) #1?", "100 % form", "tpl_02.v3"])
def test_other_names_are_taken(register: Callable[..., Template], name: str) -> None:
    """Files are named in many ways."""
    assert register(name).name == name


def test_a_text_that_is_too_long_is_refused(core: Core, register: Callable[..., Template]) -> None:
    """A fact that the database would not hold is one sentence."""
    register()
    with pytest.raises(InvalidInput, match="organisation of a template has at most 255 characters"):
        change(core, organisation="x" * 256)


def test_a_removed_template_s_picture_is_gone(core: Core, register: Callable[..., Template]) -> None:
    """Nothing can open it any more, and its file is removed; the same picture of another template stays."""
    gone, other = register(), register("other")
    with core.database.transaction() as session:
        (name,) = remove_template(session, core.blobs, "letter", core.now())
    core.blobs.remove(name)
    with core.database.read() as session:
        assert pictures_of(session, core.blobs, other) == [PAGE]
        with pytest.raises(NotFound):
            core.blobs.read(session, gone.blob_sha256)


def test_a_damaged_file_of_templates_is_made_anew(
    core: Core, pool: ExaminePool, register: Callable[..., Template]
) -> None:
    """A bank that cannot be read fails a try, and never passes for no templates; the next has a new one."""
    register()
    config = examiner_config(core)
    assert config.templates is not None
    Path(config.templates.path).write_bytes(b"LWARRAYS")
    with pytest.raises(ExaminationCrashed, match="file of the templates"):
        pool.examine_image(letter(), config)
    found = pool.examine_image(letter(), examiner_config(core)).findings
    assert [f.masked for f in found if f.kind == "template"] == ["letter"]


def test_the_picture_is_kept_sealed_for_itself(core: Core, register: Callable[..., Template]) -> None:
    """The template's picture is kept like evidence: encrypted, readable again, and no post's own file."""
    template = register()
    posted = core.blobs.write(PAGE, "image/png")
    with core.database.transaction() as session:
        core.blobs.forget(session, core.blobs.register(session, posted, core.now()), core.now())
        assert pictures_of(session, core.blobs, template) == [PAGE]


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


def test_templates_of_one_folder_are_compared_with_each_other(
    core: Core, pool: ExaminePool, learning: Learning
) -> None:
    """Two pages of one folder that look alike are told, though neither was in use."""
    both = [Registration(TemplateSaid(name), (PAGE,), learning) for name in ("a", "b")]
    facts = unpack(learning.packed)
    both = [
        replace(
            each, learning=Learning(pack(replace(facts, facts=replace(facts.facts, name=each.said.name))))
        )
        for each in both
    ]
    warned = warn_of_each_other(both, pool, base_config(core.settings), 1)
    assert [each.learning.warnings[-1][:14] for each in warned] == ["a looks like b", "b looks like a"]
