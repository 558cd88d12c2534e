"""Query packs: read strictly, found by name, and asked for by sources as they are now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connectors.base import ConfigurationInvalid
from connectors.reddit.config import RedditConfig
from connectors.registry import CONNECTORS, parse_config
from monitor.core import Core
from monitor.errors import InvalidInput
from monitor.packs import SHIPPED, pack_files, read_pack, terms_of
from monitor.plan import plan_of
from monitor.queries import queries_of
from monitor.settings import Settings
from monitor.sources import create_source, effective_config
from monitor.storage.source import Source, source_named

OURS = """\
about: Our trust.
organisations:
  - name: Example Royal Infirmary
    abbreviations: [ERI]
    nicknames: [the Royal]
context: [patient, ward]
"""

WRONG = [
    ("phrases: [a thing]\n", "line 1: about is missing."),
    ("about: x\nphrase: [a]\n", "line 2: phrase is not known here (did you mean 'phrases'?); known: about,"),
    ("about: x\nphrases:\n  - fine\n  - 7\n", "line 4: phrases.2: input should be a valid string."),
    ("about: x\nphrases:\n- fine\n- no\n", "line 4: phrases.2: input should be a valid string."),
    (
        "about: x\norganisations:\n  - name: Here\n    site: [There]\n",
        "line 4: organisations.1.site is not known here (did you mean 'sites'?); known: name, sites,",
    ),
    ("about: x\nhashtags: [two words]\n", "line 2: hashtags.1: string should match pattern"),
    ("about: x\ncontext: [ward]\n", "line 1: name at least one of phrases, letterhead,"),
    ("about: x\nabout: y\n", "line 2: this is not plain YAML (a key stands here twice)."),
    (
        "about: x\nphrases: &a [one thing]\ncontext: *a\n",
        "line 3: this is not plain YAML (anchors are not read).",
    ),
    ("about: [x\n", "this is not plain YAML ("),
    ("about: !!python/object:os.system x\n", "this is not plain YAML ("),
    ("- x\n", "line 1: input should be a valid dictionary or instance of Pack."),
    ("about: \x01\n", "is not YAML text."),
]


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'leakwatch.db')}"


@pytest.fixture
def ours(settings: Settings) -> Path:
    """A pack of the organisation's own, "ours"."""
    folder = settings.resolved_pack_dir
    folder.mkdir(parents=True)
    (folder / "ours.yaml").write_text(OURS)
    return folder / "ours.yaml"


@pytest.mark.parametrize(("content", "said"), WRONG)
def test_a_mistake_is_one_sentence_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    """File, line, what is wrong, and a near name."""
    file = tmp_path / "pack.yaml"
    file.write_text(content)
    with pytest.raises(InvalidInput) as caught:
        read_pack(file)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, or far too large."""
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        read_pack(tmp_path / "none.yaml")
    (tmp_path / "big.yaml").write_text("about: " + "x" * 2**20)
    with pytest.raises(InvalidInput, match="is larger than"):
        read_pack(tmp_path / "big.yaml")


def test_shipped_packs_are_sound(settings: Settings) -> None:
    """Each is read, and each asks something of every platform that takes packs."""
    names = [name for name, path in pack_files(settings).items() if path.parent == SHIPPED]
    assert len(names) >= 3
    together = terms_of([read_pack(path) for path in pack_files(settings).values()])
    assert len(set(map(str.casefold, together.phrases))) == len(together.phrases)
    for connector, kind in CONNECTORS.items():
        if kind.grammar:
            assert queries_of(settings, connector, names).queries, connector


def test_a_source_asks_for_its_packs_as_they_are_now(core: Core, ours: Path) -> None:
    """A pack's words come after the source's own, only its own are stored, and an edit counts at once."""
    with core.database.transaction() as session:
        create_source(
            session,
            name="nhs",
            connector="reddit",
            config={"searches": [{"query": "mine", "subreddit": "nhs"}]},
            now=core.now(),
            settings=core.settings,
            packs=["ours"],
        )
    with core.database.read() as session:
        source = source_named(session, "nhs")
    assert source.config == {"searches": [{"query": "mine", "subreddit": "nhs"}]}
    assert searches(core, source) == [
        "mine",
        '("Example Royal Infirmary" OR ERI OR "the Royal") (patient OR ward)',
    ]
    ours.write_text(OURS.replace("[ERI]", "[ERI, XRI]"))
    assert "XRI" in searches(core, source)[1]
    ours.write_text("about")
    with pytest.raises(ConfigurationInvalid, match=r"ours\.yaml line 1"):
        searches(core, source)


def searches(core: Core, source: Source) -> list[str]:
    """What the source's connector is told to look for."""
    config = parse_config("reddit", effective_config(core.settings, source))
    assert isinstance(config, RedditConfig)
    return [search.query for search in config.searches]


@pytest.mark.parametrize(
    ("connector", "packs", "said"),
    [
        ("reddit", ["our"], "There is no query pack 'our' (did you mean 'ours'?); known: ours, uk-leaks,"),
        ("folder", ["ours"], "A folder source cannot be asked for words, so it takes no query packs."),
        ("tumblr", ["slang"], "Nothing in slang can be asked of tumblr; choose other packs."),
    ],
)
def test_packs_that_cannot_be_asked_for_are_refused(
    core: Core, ours: Path, connector: str, packs: list[str], said: str
) -> None:
    """By name, with what there is."""
    ours.with_name("slang.yaml").write_text("about: x\nslang: [kardex]\n")
    with core.database.transaction() as session, pytest.raises(InvalidInput) as caught:
        create_source(
            session,
            name="s",
            connector=connector,
            config={},
            now=core.now(),
            settings=core.settings,
            packs=packs,
        )
    assert said.rpartition("; known")[0] in str(caught.value) or said == str(caught.value)


def test_a_plan_counts_what_a_day_costs(core: Core, ours: Path) -> None:
    """Requests of a run times runs of a day, at the slowest and at the fastest; what is left out is named."""
    source = Source(name="t", connector="tumblr", config={"tags": ["nhs"]}, packs=["ours"])
    source.poll_min_seconds, source.poll_max_seconds = 600, 3600
    plan = plan_of(core.settings, source)
    assert plan.queries == ("ExampleRoyalInfirmary", "TheRoyal")
    assert plan.left_out == ("ERI",)
    assert plan.requests == 3
    assert plan.requests_a_day == (72, 432)
