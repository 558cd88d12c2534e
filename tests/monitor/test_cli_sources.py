"""The commands that say what is watched: packs, plans, files of sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from monitor.core import Core
from monitor.errors import Conflict
from monitor.packs import read_pack
from monitor.source_file import apply, changes, read_file
from monitor.sources import create_source
from monitor.storage.source import REPORTS, Source, source_named
from monitor.storage.traffic import add_usage
from tests.monitor.test_cli import Cli, cli

__all__ = ["cli"]

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """SQLite only: what the commands call is tested on both databases elsewhere."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'leakwatch.db')}"


def example(name: str) -> str:
    """The YAML in docs/sources.md that begins with a comment naming a file."""
    (found,) = re.findall(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(found)


@pytest.fixture
def our_trust(core: Core) -> Path:
    """The documentation's own pack, where it belongs."""
    folder = core.settings.resolved_pack_dir
    folder.mkdir(parents=True)
    file = folder / "our-trust.yaml"
    file.write_text(example("packs/our-trust.yaml"))
    return file


def test_the_documented_pack_works(cli: Cli, our_trust: Path) -> None:
    """The page's example is a sound pack, listed as one's own, and shown with its queries."""
    assert read_pack(our_trust).organisations
    checked = cli("pack", "check", our_trust)
    assert (checked.code, checked.out) == (
        0,
        "our-trust: 1 phrases, 8 names, 1 words of slang, 5 of context, 2 hashtags.\n",
    )
    listed = {pack["name"]: pack["origin"] for pack in cli("pack", "list", "--json").document}
    assert listed["our-trust"] == "your own"
    assert listed["uk-leaks"] == "shipped"
    asked = cli("pack", "show", "our-trust", "--for", "reddit", "--json").document
    assert asked["left_out"] == []
    assert '"look who was in the Infirmary"' in asked["queries"]
    assert "nicknames: the Infirmary, Exxy" in cli("pack", "show", "our-trust").out
    assert (
        "There is no connector 'redit' (did you mean"
        in cli("pack", "show", "our-trust", "--for", "redit").err
    )


def test_a_mistake_in_a_pack_is_told_with_its_line(cli: Cli, our_trust: Path) -> None:
    """Exit code 2 and one sentence."""
    our_trust.write_text("about: x\nslangs: []\n")
    ended = cli("pack", "check", our_trust)
    assert ended.code == 2
    assert f"{our_trust} line 2: slangs is not known here (did you mean 'slang'?)" in ended.err


def test_a_plan_previews_a_source(cli: Cli, our_trust: Path) -> None:
    """Queries, what is left out, and requests a day; the listing tells its waits."""
    cli("source", "add", "tumblr", "tags", "-p", "our-trust", "--fastest", 600, "--slowest", 3600)
    (plan,) = cli("source", "plan", "tags", "--json").document
    assert plan["requests"] == len(plan["queries"]) == 8
    assert (plan["fewest_requests_a_day"], plan["most_requests_a_day"]) == (24 * 8, 144 * 8)
    shown = cli("source", "plan", "tags").out
    assert "asks for: teamEUH" in shown
    assert "left out: look who was in the Infirmary" in shown
    wrong = cli("source", "add", "tumblr", "more", "-p", "our-trust", "--fastest", 60, "--slowest", 5)
    assert "The shortest wait (60 s) is above the longest (5 s)" in wrong.err


SOURCES = """\
sources:
  - name: nhs
    connector: reddit
    settings:
      subreddits: [r/nhs]
    packs: [uk-leaks]
    fastest: 30
  - name: inbox
    connector: folder
    settings: {path: /srv/intake}
    every: 10
"""


def sources(cli: Cli) -> dict[str, dict[str, Any]]:
    """Every source by name, as programs read it."""
    return {source["name"]: source for source in cli("source", "list", "--json").document}


def test_sources_are_brought_to_what_a_file_says(cli: Cli, tmp_path: Path) -> None:
    """Shown first, then done; again it is nothing; what is not in the file is paused and comes back."""
    file = tmp_path / "sources.yaml"
    file.write_text(SOURCES)
    cli("source", "add", "folder", "old", "-s", "path=/srv/old")

    shown = cli("source", "apply", file, "--dry-run").out
    assert "+ nhs (reddit)" in shown
    assert 'settings.subreddits: none -> ["nhs"]' in shown
    assert "enabled: true -> false" in shown
    assert "2 to add, 1 to pause." in shown
    assert sources(cli).keys() == {"old"}

    asked = cli("source", "apply", file)
    assert (asked.code, sources(cli).keys()) == (2, {"old"})
    assert "say --yes" in asked.err
    assert cli("source", "apply", file, "--yes").code == 0
    assert {name: source["enabled"] for name, source in sources(cli).items()} == {
        "inbox": True,
        "nhs": True,
        "old": False,
    }
    again = cli("source", "apply", file, "--yes")
    assert (again.code, again.out) == (0, "The sources are as the file says.\n")
    assert cli("source", "diff", file).code == 0

    file.write_text(SOURCES.replace("[r/nhs]", "[nhs, GPUK]").replace("every: 10", "every: 20"))
    different = cli("source", "diff", file, "--json")
    assert different.code == 1
    assert [change["differences"] for change in different.document] == [
        [{"what": "settings.subreddits", "before": ["nhs"], "after": ["nhs", "GPUK"]}],
        [{"what": "every", "before": 10, "after": 20}],
    ]
    assert cli("source", "apply", file, "--yes").code == 0
    assert cli("source", "diff", file).code == 0


def test_what_is_exported_is_what_there_is(cli: Cli, tmp_path: Path) -> None:
    """An exported file differs in nothing, paused sources and packs included; others can be kept."""
    file = tmp_path / "sources.yaml"
    file.write_text(SOURCES)
    cli("source", "apply", file, "--yes")
    cli("source", "pause", "nhs")
    exported = cli("source", "export").out
    file.write_text(exported)
    assert cli("source", "diff", file).code == 0
    assert "enabled: false" in exported
    file.write_text("sources: []\n")
    assert cli("source", "diff", file).code == 1
    assert cli("source", "diff", file, "--keep-others").code == 0


MISTAKES = [
    ("connector: redit\n", "line 2: s: There is no connector 'redit' (did you mean 'reddit'?)"),
    ("connector: folder\n", "line 2: s: folder source: path is missing."),
    (
        "connector: folder\n    every: 0\n",
        "line 4: sources.1.every: input should be greater than or equal to 1.",
    ),
    (
        "connector: folder\n    setings: {}\n",
        "line 4: sources.1.setings is not known here (did you mean 'settings'?)",
    ),
    (
        "connector: tumblr\n    settings: {tags: [nhs], api_key: hunter2}\n",
        "line 2: s: api_key is a credential and has no place in this file; set LEAKWATCH_TUMBLR__API_KEY.",
    ),
    ("connector: tumblr\n    packs: [uk-leak]\n", "line 2: s: There is no query pack 'uk-leak'"),
    (
        "connector: folder\n    settings: {path: /x}\n  - name: s\n    connector: folder\n",
        "line 5: a second source is called s.",
    ),
    (
        "connector: tumblr\n    settings: {tags: [nhs]}\n",
        "s is a source of folder and cannot become one of tumblr;",
    ),
]


@pytest.mark.parametrize(("rest", "said"), MISTAKES)
def test_a_mistake_in_a_file_changes_nothing(cli: Cli, tmp_path: Path, rest: str, said: str) -> None:
    """One sentence with the line, no secret in it, and no source of the file is touched."""
    cli("source", "add", "folder", "s", "-s", "path=/srv/s")
    file = tmp_path / "sources.yaml"
    file.write_text(f"sources:\n  - name: s\n    {rest}")
    ended = cli("source", "apply", file, "--yes")
    assert ended.code == 2
    assert said in ended.err
    assert "hunter2" not in ended.err
    assert sources(cli)["s"]["connector"] == "folder"


def test_a_plan_that_grew_old_is_not_carried_out(core: Core, tmp_path: Path) -> None:
    """What a person agreed to is what happens, or nothing."""
    file = tmp_path / "sources.yaml"
    file.write_text(SOURCES)
    entries = read_file(core.settings, file)
    with core.database.transaction() as session:
        agreed = changes(session, entries)
        create_source(session, name="new", connector="folder", config={"path": "/x"}, now=core.now())
        with pytest.raises(Conflict, match="changed meanwhile"):
            apply(session, core.settings, entries, agreed, actor="cli:test", now=core.now())


def test_the_documented_file_works(cli: Cli, our_trust: Path, tmp_path: Path) -> None:
    """The page's example of a file is taken as it stands."""
    file = tmp_path / "sources.yaml"
    file.write_text(example("sources.yaml"))
    assert cli("source", "apply", file, "--yes").code == 0
    assert sources(cli).keys() == {"reddit-nhs", "intake"}


def test_usage_shows_what_is_spent_and_left(cli: Cli, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """By source and meter, with the cap of all, what is left of it, and the price."""
    monkeypatch.setenv("LEAKWATCH_DAILY_CAPS", '{"tumblr.requests": 50}')
    monkeypatch.setenv("LEAKWATCH_METER_PRICES", '{"tumblr.requests": 0.01}')
    for name, amount in (("a", 30), ("b", 5)):
        cli("source", "add", "tumblr", name, "-s", 'tags=["nhs"]')
        with core.database.transaction() as session:
            source = source_named(session, name)
            add_usage(session, source.id, core.now().date(), "requests", amount)
    spent = cli("source", "usage", "--json").document
    assert [(row["source"], row["amount"], row["cap"], row["left"], row["cost"]) for row in spent] == [
        ("a", 30, 50, 15, 0.3),
        ("b", 5, 50, 15, 0.05),
    ]
    assert "15" in cli("source", "usage", "--days", 7).out
    assert "All tumblr sources share 50 requests a day." in cli("source", "plan", "--json").out


def test_what_people_report_is_no_source_of_a_file(cli: Cli, core: Core, tmp_path: Path) -> None:
    """The source that holds reports is neither planned, exported, nor paused for not being in a file."""
    with core.database.transaction() as session:
        session.add(Source(name=REPORTS, connector=REPORTS, config={}, created_at=core.now()))
    file = tmp_path / "sources.yaml"
    file.write_text(cli("source", "export").out)
    assert cli("source", "diff", file).code == 0
    assert cli("source", "plan", "--json").document == []
