"""The documentation is complete and its links lead somewhere: nothing exists that cannot be looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from monitor.cli import app
from monitor.settings import OUTSIDE, PREFIX, Settings

ROOT = Path(__file__).parents[1]
CLI_PAGE = ROOT / "docs" / "cli.md"
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docker/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.+?)\s*$", re.MULTILINE)


def _commands(group: object, path: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Every runnable command below a group: its full name and its click object."""
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def _variables(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Every environment variable that sets something, nested models included."""
    for name, field in model.model_fields.items():
        nested = [part for part in _models_in(field.annotation) if issubclass(part, BaseModel)]
        if not nested:
            yield f"{prefix}{name.upper()}"
        for part in nested:
            yield from _variables(part, f"{prefix}{name.upper()}__")


def _models_in(annotation: object) -> list[type]:
    parts = [annotation, *getattr(annotation, "__args__", ())]
    return [part for part in parts if isinstance(part, type) and part.__module__ != "builtins"]


def _anchor(heading: str) -> str:
    """The fragment a heading is reached by, as the common Markdown renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, fragment = link.partition("#")
    file = page.parent / name if name else page
    if not file.exists():
        return False
    return not fragment or fragment in map(_anchor, HEADING.findall(file.read_text()))


COMMANDS = dict(_commands(typer.main.get_command(app), ("leakwatch",)))
VARIABLES = sorted(_variables(Settings, PREFIX))


def test_the_walk_sees_the_program() -> None:
    """The commands and settings looked for below are really found in the program."""
    assert {"leakwatch scan", "leakwatch db upgrade", "leakwatch demo"} <= set(COMMANDS)
    assert {"LEAKWATCH_DATABASE_URL", "LEAKWATCH_DATA_DIR"} <= set(VARIABLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    """docs/cli.md names the command and each of its long options."""
    page = CLI_PAGE.read_text()
    assert name in page, f"docs/cli.md does not mention '{name}'"
    options = {
        option
        for parameter in getattr(COMMANDS[name], "params", [])
        for option in parameter.opts
        if option.startswith("--") and not getattr(parameter, "hidden", False)
    } - {"--help", "--install-completion", "--show-completion"}
    assert [option for option in sorted(options) if option not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """`--help` says what the command does and shows an example."""
    text = str(getattr(COMMANDS[name], "help", "") or "") + str(getattr(COMMANDS[name], "epilog", "") or "")
    assert len(text) > 20
    assert "leakwatch " in text, f"the help of '{name}' shows no example"


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_documented(variable: str) -> None:
    """docs/settings.md names the environment variable of every setting."""
    assert re.search(rf"\b{variable}\b", SETTINGS_PAGE.read_text()), (
        f"docs/settings.md does not mention {variable}"
    )


def test_no_setting_is_documented_that_does_not_exist() -> None:
    """Every LEAKWATCH_ variable named in the documentation is one the program knows."""
    known = {*VARIABLES, *OUTSIDE}
    named = {
        (page.name, variable)
        for page in PAGES
        for variable in re.findall(rf"\b{PREFIX}[A-Z][A-Z0-9_]*[A-Z0-9]\b", page.read_text())
    }
    assert sorted((page, variable) for page, variable in named if variable not in known) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file of the tree, and its fragment a heading of that file."""
    links = [link for link in LINK.findall(page.read_text()) if not re.match(r"[a-z]+:", link)]
    assert [link for link in links if not _leads_somewhere(page, link)] == []
