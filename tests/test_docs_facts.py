"""What the pages list is what the program has: detectors, document types, classes, roles, actions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from connectors.feed import FeedItem
from detectors.assess import LeakClass, Severity, assess
from detectors.lexicons import load
from detectors.table import DETECTORS
from monitor.access import ROLES
from monitor.alerts import TRANSITIONS
from monitor.scan import FORM, ScanItem, ScanResult

DOCS = Path(__file__).parents[1] / "docs"
SCAN = (DOCS / "scan.md").read_text()
REVIEWING = (DOCS / "reviewing.md").read_text()


@pytest.mark.parametrize("name", [*DETECTORS, *load("clinical")["documents"], *get_args(LeakClass)])
def test_the_names_in_a_scan_are_documented(name: str) -> None:
    """docs/scan.md names every detector, document type and leak class."""
    assert f"`{name}`" in SCAN, f"docs/scan.md does not name {name}: add it to the page's tables"


def test_the_form_of_a_scan_is_documented() -> None:
    """docs/scan.md describes this version of the form, and every field of a result."""
    item = ScanItem(Path("feed.jsonl"), Path("feed.jsonl"), FeedItem("17", 1))
    fields = ScanResult(item, assess([]), (), 0.0, None).document()
    table = set(re.findall(r"^\| .*", SCAN, re.MULTILINE))
    assert f"**Version {FORM}**" in SCAN
    assert [name for name in fields if not any(f"`{name}`" in row.split("|")[1] for row in table)] == []


@pytest.mark.parametrize("severity", sorted(set(get_args(Severity)) - {"none"}))
def test_every_severity_is_explained(severity: str) -> None:
    """docs/reviewing.md says when an alert has each severity."""
    assert re.search(rf"^\| {severity} \|", REVIEWING, re.MULTILINE)


@pytest.mark.parametrize("status", TRANSITIONS)
def test_every_transition_is_documented(status: str) -> None:
    """docs/reviewing.md lists what each status can become, and nothing else."""
    row = re.search(rf"^\| {status} \|.*\| (.*) \|$", REVIEWING, re.MULTILINE)
    assert row is not None
    assert set(filter(None, row[1].split(", "))) == TRANSITIONS[status]  # type: ignore[index]


PERMISSIONS = {
    "see alerts, previews, masked findings, posts": ("alerts:read", "posts:read"),
    "decide about alerts": ("alerts:write",),
    "report a post to its platform": ("alerts:report",),
    "reveal clear identifiers": ("evidence:reveal",),
    "make and download bundles": ("bundles:create",),
    "retry failed posts": ("posts:retry",),
    "see sources, templates and registers": ("sources:read", "templates:read", "registers:read"),
    "change sources and templates": ("sources:write", "templates:write"),
    "report a leak": ("reports:create",),
    "see what was reported": ("reports:read",),
    "read the audit log": ("audit:read",),
}


@pytest.mark.parametrize("what", PERMISSIONS)
def test_what_each_role_may_do_is_documented(what: str) -> None:
    """docs/reviewing.md gives each role the permissions it has."""
    row = re.search(rf"^\| {re.escape(what)} \|(.*)\|$", REVIEWING, re.MULTILINE)
    assert row is not None
    said = dict(zip(ROLES, ("yes" in cell for cell in row[1].split("|")), strict=True))
    has = {role: set(PERMISSIONS[what]) <= permissions for role, permissions in ROLES.items()}
    assert said == has


def test_every_permission_is_spoken_of() -> None:
    """No permission is missing from what the page tells of roles."""
    told = {permission for permissions in PERMISSIONS.values() for permission in permissions}
    assert told == set().union(*ROLES.values())
