"""The commands that say what is watched: packs, plans, files of sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from monitor.core import Core
from monitor.packs import read_pack
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
