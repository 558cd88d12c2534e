"""Templates: registered from a picture or a folder of them, and used by the next examination."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core import Core
from monitor.errors import Conflict, InvalidInput
from monitor.storage.blob import Blob
from monitor.storage.template import Template, all_templates, template_named
from monitor.template_folder import signals_in, templates_in
from monitor.templates import examiner_config, register_template
from tests.monitor.pictures import LETTER, draw, encode

PAGE = encode(draw(LETTER.format(name="", number="")))
SMALL = encode(draw("x", size=(100, 100)))
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


def register(core: Core, data: bytes = PAGE, name: str = "letter") -> Template:
    """Register a template."""
    with core.database.transaction() as session:
        facts = {"organisation": "Castle Vale", "notes": None}
        return register_template(session, core.blobs, data, name=name, now=core.now(), **facts)


def test_a_registered_template_is_used_by_the_next_examination(core: Core) -> None:
    """A template is in the configuration of whatever is examined from now on, unless it is switched off."""
    before = examiner_config(core)
    register(core)
    after = examiner_config(core)
    assert [(signal.name, signal.organisation) for signal in after.templates] == [("letter", "Castle Vale")]
    assert before.signature != after.signature
    with core.database.transaction() as session:
        template_named(session, "letter").enabled = False
    assert examiner_config(core) == before


def test_the_picture_is_kept_sealed(core: Core) -> None:
    """The template's own picture is kept like evidence: encrypted, readable again."""
    template = register(core)
    with core.database.read() as session:
        assert core.blobs.read(session, template.blob_sha256) == PAGE
        assert session.get_one(Blob, template.blob_sha256).media_type == "image/png"


@pytest.mark.parametrize(("data", "said"), [(b"words only", "not a picture"), (SMALL, "100 x 100 pixels")])
def test_what_cannot_be_a_template_is_refused(core: Core, data: bytes, said: str) -> None:
    """Words, or a picture too small to compare, are refused with the reason and leave nothing behind."""
    with pytest.raises(InvalidInput, match=said):
        register(core, data)
    with core.database.read() as session:
        assert all_templates(session) == []


def test_a_name_is_taken_once(core: Core) -> None:
    """A second template of a name is refused."""
    register(core)
    with pytest.raises(Conflict, match="template named 'letter'"):
        register(core)


def test_a_folder_names_its_templates(files: Files) -> None:
    """A template's name is its file's stem; templates.yaml says more; other files are left alone."""
    facts = "b:\n  organisation: Example Trust\n  notes: all sites\na:\n"
    folder = files(b__png=PAGE, a__png=PAGE, readme__txt="hello", templates__yaml=facts)
    found = [(file.name, file.organisation, file.notes) for file in templates_in(folder)]
    assert found == [("a", None, None), ("b", "Example Trust", "all sites")]
    assert [(s.name, s.organisation) for s in signals_in(folder)] == [("a", None), ("b", "Example Trust")]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ("latter: {}", r"templates\.yaml speaks of 'latter', but there is no such image"),
        ("letter: [", r"templates\.yaml is not YAML"),
        ("- letter", r"templates\.yaml must map each template's name"),
        ("letter: Example Trust", r"templates\.yaml must map each template's name"),
        ("letter: {organisation: [1]}", r"templates\.yaml: the organisation of 'letter' is not text"),
        ("!!python/object/apply:os.system ['true']", r"templates\.yaml is not YAML"),
    ],
)
def test_facts_that_do_not_fit_are_refused(files: Files, facts: str, said: str) -> None:
    """A name there is no picture of, another shape or no YAML: one sentence naming the file."""
    folder = files(letter__png=PAGE, templates__yaml=facts)
    with pytest.raises(InvalidInput, match=said) as caught:
        list(templates_in(folder))
    assert "\n" not in str(caught.value)


def test_a_folder_without_templates_is_refused(files: Files, tmp_path: Path) -> None:
    """An empty folder, none at all, or one with a broken picture: one sentence naming it."""
    with pytest.raises(InvalidInput, match="holds no template image"):
        signals_in(tmp_path)
    with pytest.raises(InvalidInput, match="not a folder of template images"):
        signals_in(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match=r"broken\.png: "):
        signals_in(files(broken__png=b"no picture"))
