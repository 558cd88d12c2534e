"""What is known of the registers, for people and programs: counts and dates, never a digest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from detectors.register.fields import FIELDS
from monitor.core import Core
from monitor.storage.register import (
    Matched,
    Register,
    RegisterGeneration,
    all_registers,
    matched_by_name,
    register_named,
)


@dataclass(frozen=True, slots=True)
class GenerationStats:
    """One generation in use; `readable` is whether its file is where it must be."""

    number: int
    key_id: str
    records: int
    counts: dict[str, int]
    megabytes: float
    readable: bool
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class RegisterStats:
    """One register."""

    name: str
    kind: str
    organisation: str | None
    system: str | None
    created_at: datetime
    generations: tuple[GenerationStats, ...]
    matched: Matched

    @property
    def rotating(self) -> bool:
        """Whether two keys are in use."""
        return len(self.generations) > 1

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "kind": self.kind,
            "organisation": self.organisation,
            "system": self.system,
            "created_at": self.created_at,
            "rotating": self.rotating,
            "generations": [
                {name: getattr(each, name) for name in GenerationStats.__slots__} for each in self.generations
            ],
            "matches": self.matched.findings,
            "last_match_at": self.matched.last_at,
        }

    def row(self) -> list[Any]:
        """A line of the list."""
        newest = self.generations[-1]
        keys = ", ".join(each.key_id for each in self.generations)
        about = [self.name, self.kind, self.organisation, self.system]
        return [*about, f"{newest.records:,}", keys, newest.loaded_at, self.matched.findings]

    def lines(self) -> Iterator[list[Any]]:
        """Everything, a line each."""
        yield from (["kind", self.kind], ["organisation", self.organisation], ["system", self.system])
        for each in self.generations:
            yield [f"generation {each.number}", f"key {each.key_id}, loaded {each.loaded_at:%Y-%m-%d %H:%M}"]
            yield ["  records", f"{each.records:,}"]
            yield from ([f"  {name}", f"{each.counts.get(name, 0):,}"] for name in FIELDS)
            size = f"{each.megabytes or 'under 0.1'} MB"
            yield ["  file", size if each.readable else "MISSING: load the register again"]
        yield ["matches", self.matched.findings]
        yield ["last match", self.matched.last_at]


def register_stats(core: Core, name: str | None = None) -> list[RegisterStats]:
    """All registers by name, or the one of that name. Raises NotFound."""
    with core.database.read() as session:
        rows = all_registers(session) if name is None else [register_named(session, name)]
        matched = matched_by_name(session)
        return [_stats(core, row, matched.get(row.name, Matched())) for row in rows]


def _stats(core: Core, row: Register, matched: Matched) -> RegisterStats:
    return RegisterStats(
        name=row.name,
        kind=row.kind,
        organisation=row.organisation,
        system=row.system,
        created_at=row.created_at,
        generations=tuple(_generation(core, each) for each in row.generations),
        matched=matched,
    )


def _generation(core: Core, row: RegisterGeneration) -> GenerationStats:
    path = core.settings.register_dir / row.file_name
    size = path.stat().st_size if path.is_file() else 0
    return GenerationStats(
        number=row.number,
        key_id=row.key_id,
        records=row.records,
        counts={name: int(count) for name, count in row.counts.items()},
        megabytes=round(size / 1e6, 1),
        readable=size > 0,
        loaded_at=row.loaded_at,
    )
