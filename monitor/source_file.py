"""A file of sources: what should be watched, compared with what is, and brought about.

1. read the file and check each source as `source add` would, telling mistakes with their lines
2. compare with the sources there are: add, change, pause what is not in the file, leave the rest
3. bring it about in one transaction; nothing is deleted, and a paused source keeps its posts and checkpoint
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from connectors.registry import CONNECTORS
from monitor import audit
from monitor.errors import Conflict, InvalidInput
from monitor.settings import PREFIX, Settings
from monitor.sources import checked_config, create_source, require_order
from monitor.storage.source import Source, configured_sources, source_named
from monitor.yaml_file import YamlFile

Seconds = Annotated[int, Field(ge=1, le=86_400)]
COLUMNS = {
    "settings": "config",
    "packs": "packs",
    "every": "poll_seconds",
    "fastest": "poll_min_seconds",
    "slowest": "poll_max_seconds",
    "alert_threshold": "alert_threshold",
    "enabled": "enabled",
}
"""What may change of a source: its name in a file, and in the database."""


class Entry(BaseModel):
    """One source of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    connector: str
    settings: dict[str, Any] = Field(default_factory=dict)
    packs: tuple[str, ...] = ()
    every: Seconds | None = None
    fastest: Seconds | None = None
    slowest: Seconds | None = None
    alert_threshold: float | None = Field(default=None, gt=0, lt=1)
    enabled: bool = True


_NOTHING = Entry.model_construct(name="", connector="")


class File(BaseModel):
    """A whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    sources: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a source that is not as the file says."""

    what: str
    before: Any
    after: Any

    def __str__(self) -> str:
        """For people."""
        return f"{self.what}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one source."""

    action: Literal["add", "change", "pause"]
    name: str
    connector: str
    differences: tuple[Difference, ...] = ()


def read_file(settings: Settings, path: Path) -> tuple[Entry, ...]:
    """The sources of a file, checked, with their settings as they would be stored. Raises InvalidInput."""
    file = YamlFile(path)
    entries = file.parse(File).sources
    seen: set[str] = set()
    checked = []
    for number, entry in enumerate(entries):
        if entry.name in seen:
            raise file.wrong(("sources", number, "name"), f"a second source is called {entry.name}")
        seen.add(entry.name)
        try:
            checked.append(_checked(settings, entry))
        except InvalidInput as error:
            raise file.wrong(("sources", number), f"{entry.name}: {str(error).rstrip('.')}") from None
    return tuple(checked)


def changes(session: Session, entries: Sequence[Entry], *, keep_others: bool = False) -> tuple[Change, ...]:
    """What must happen so that the sources are as the file says. Raises InvalidInput."""
    there = {source.name: source for source in configured_sources(session)}
    found = [_change(entry, there.get(entry.name)) for entry in entries]
    named = {entry.name for entry in entries}
    stop = (Difference("enabled", before=True, after=False),)
    others = [source for source in there.values() if source.enabled and source.name not in named]
    found += [Change("pause", source.name, source.connector, stop) for source in others if not keep_others]
    return tuple(change for change in found if change)


def apply(
    session: Session,
    settings: Settings,
    entries: Sequence[Entry],
    agreed: Sequence[Change],
    *,
    actor: str,
    now: datetime,
    keep_others: bool = False,
) -> None:
    """Bring about the changes that a person agreed to. Raises Conflict when they are not those any more."""
    if changes(session, entries, keep_others=keep_others) != tuple(agreed):
        raise Conflict("The sources changed meanwhile; look at the differences again.")
    by_name = {entry.name: entry for entry in entries}
    for change in agreed:
        if change.action == "add":
            _add(session, settings, by_name[change.name], now)
        else:
            _alter(source_named(session, change.name), change, now)
        note = ", ".join(difference.what for difference in change.differences)
        action = f"source.{change.action}"
        audit.record(session, now=now, actor=actor, action=action, item=change.name, note=note)


def export(sources: Sequence[Source]) -> str:
    """The sources as a file that describes them."""
    entries = [_entry_of(source).model_dump(mode="json", exclude_defaults=True) for source in sources]
    return yaml.safe_dump({"sources": entries}, sort_keys=False, allow_unicode=True, width=100)


def _checked(settings: Settings, entry: Entry) -> Entry:
    _refuse_credentials(entry)
    require_order(entry.fastest, entry.slowest)
    config = checked_config(settings, entry.connector, entry.settings, entry.packs)
    return entry.model_copy(update={"settings": config})


def _refuse_credentials(entry: Entry) -> None:
    """Say where a secret belongs: a file of sources is shared, versioned and printed."""
    kind = CONNECTORS.get(entry.connector)
    secrets = kind.credentials.model_fields if kind and kind.credentials else {}
    for name in entry.settings:
        if kind and name in secrets and name not in kind.config.model_fields:
            variable = f"{PREFIX}{entry.connector}__{name}".upper()
            raise InvalidInput(f"{name} is a credential and has no place in this file; set {variable}")


def _change(entry: Entry, source: Source | None) -> Change | None:
    if source is None:
        return Change("add", entry.name, entry.connector, _differences(_NOTHING, entry))
    if source.connector != entry.connector:
        raise InvalidInput(
            f"{entry.name} is a source of {source.connector} and cannot become one of {entry.connector};"
            " give the new one another name."
        )
    differences = _differences(_entry_of(source), entry)
    return Change("change", entry.name, entry.connector, differences) if differences else None


def _differences(before: Entry, after: Entry) -> tuple[Difference, ...]:
    found = []
    for what in COLUMNS:
        old, new = getattr(before, what), getattr(after, what)
        if what == "settings":
            found += _different_settings(old, new)
        elif old != new:
            found.append(Difference(what, old, new))
    return tuple(found)


def _different_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    names = dict.fromkeys((*before, *after))
    return [
        Difference(f"settings.{name}", before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _entry_of(source: Source) -> Entry:
    values = {what: getattr(source, column) for what, column in COLUMNS.items()}
    return Entry.model_construct(
        name=source.name, connector=source.connector, **(values | {"packs": tuple(source.packs)})
    )


def _add(session: Session, settings: Settings, entry: Entry, now: datetime) -> None:
    values = {column: getattr(entry, what) for what, column in COLUMNS.items()}
    create_source(session, name=entry.name, connector=entry.connector, now=now, settings=settings, **values)


def _alter(source: Source, change: Change, now: datetime) -> None:
    """Set what differs; a source that is read is read anew at once, from where it was."""
    config = dict(source.config)
    for difference in change.differences:
        part, _, name = difference.what.partition(".")
        if part != "settings":
            value = list(difference.after) if part == "packs" else difference.after
            setattr(source, COLUMNS[part], value)
        elif difference.after is None:
            config.pop(name)
        else:
            config[name] = difference.after
    source.config = config
    source.next_run_at = now if source.enabled else source.next_run_at


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False, default=list)
