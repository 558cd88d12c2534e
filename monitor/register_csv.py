"""A list of people as their systems export it, turned into keyed digests. Reads files and nothing else.

Lines that cannot be used are told by line, column and reason; no value of the list is ever repeated.
"""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from detectors.register.fields import (
    Field,
    births_in,
    digest,
    message,
    normal_hospital_number,
    normal_number,
    normal_postcode,
    normal_surname,
)
from monitor.errors import InvalidInput
from monitor.register_layout import PARTS, Layout, Part, opened

REASONS: Mapping[Part, str] = {
    "number": "is no NHS, CHI or H&C number: its check digit does not hold",
    "surname": "is no surname: it has fewer than two letters",
    "birth": "is no past date with a year of four digits, day or year first",
    "postcode": "is no UK postcode",
    "hospital_number": "is no hospital number: 4 to 20 letters and digits are wanted",
}
_NOT_KNOWN = frozenset(
    {"unknown", "notknown", "na", "nk", "none", "null", "nil", "xxx", "noname", "anonymous"}
)
_PLACEHOLDER_BIRTHS = frozenset({"1900-01-01", "1901-01-01", "1899-12-30", "1899-12-31"})
_PROGRESS_LINES = 1000
_SHORTENED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)
"""A number as a spreadsheet shows it in a narrow column: its last digits are gone."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """Something of a line that could not be used: where and why, never what stands there."""

    line: int
    column: str
    reason: str


class TooManyBadLines(InvalidInput):
    """More lines than allowed cannot be used; `bad` says which."""

    def __init__(self, path: Path, bad: Sequence[BadLine], most: int) -> None:
        super().__init__(
            f"More than {most} lines of {path} cannot be used, so nothing was written;"
            " mend the list, or allow more with --max-bad."
        )
        self.bad = bad


@dataclass
class Digester:
    """Turns lines into digests; what came of them stands in its fields."""

    layout: Layout
    key: bytes = field(repr=False)
    today: date
    most_bad: int
    digests: dict[Field, bytearray] = field(default_factory=lambda: defaultdict(bytearray), repr=False)
    records: int = 0
    placeholders: int = 0
    bad: list[BadLine] = field(default_factory=list)
    bad_lines: int = 0

    def read(self, path: Path, progress: Callable[[int], None]) -> None:
        """Digest a list; `progress` is told the bytes read. Raises InvalidInput and TooManyBadLines."""
        with opened(path, self.layout.encoding) as file:
            rows = csv.reader(file, delimiter=self.layout.delimiter)
            try:
                for row in rows:
                    if rows.line_num > self.layout.header_line:
                        self._line(path, rows.line_num, row)
                    if rows.line_num % _PROGRESS_LINES == 0:
                        progress(os.lseek(file.fileno(), 0, os.SEEK_CUR))
            except csv.Error as error:
                raise InvalidInput(f"{path}, line {rows.line_num}: this is no CSV ({error}).") from None
            except UnicodeDecodeError:
                raise InvalidInput(
                    f"{path}, line {rows.line_num + 1}: this is not {self.layout.encoding}; save it as UTF-8."
                ) from None

    def _line(self, path: Path, number: int, row: Sequence[str]) -> None:
        if not any(cell.strip() for cell in row):
            return
        columns = len(self.layout.names)
        if len(row) < columns or any(cell.strip() for cell in row[columns:]):
            found = [BadLine(number, "", f"has {len(row)} columns and the header {columns}")]
        else:
            found = self._record(number, row)
        if found:
            self.bad += found
            self.bad_lines += 1
            if self.bad_lines > self.most_bad:
                raise TooManyBadLines(path, self.bad, self.most_bad)

    def _record(self, number: int, row: Sequence[str]) -> list[BadLine]:
        """Digest the fields of one person; what cannot be used is returned."""
        bad: list[BadLine] = []
        parts = {part: self._values(part, number, row, bad) for part in PARTS}
        made: list[tuple[Field, tuple[str, ...]]] = [("number", (value,)) for value in parts["number"]]
        made += [("hospital_number", (value,)) for value in parts["hospital_number"]]
        for born in parts["birth"]:
            made += [("surname_birth", (surname, born)) for surname in parts["surname"]]
            made += [("postcode_birth", (code, born)) for code in parts["postcode"]]
        for name, values in made:
            self.digests[name] += digest(self.key, message(name, *values))
        self.records += bool(made)
        return bad if made or bad else [BadLine(number, "", "has nothing that can be looked up")]

    def _values(self, part: Part, number: int, row: Sequence[str], bad: list[BadLine]) -> list[str]:
        values = []
        for place in self.layout.columns[part]:
            cell = _unwrapped(part, row[place])
            if not cell:
                continue
            if _is_placeholder(part, cell):
                self.placeholders += 1
                continue
            value = self._normal(part, cell)
            if value is None:
                bad.append(BadLine(number, self.layout.names[place], REASONS[part]))
            elif not (part == "birth" and value in _PLACEHOLDER_BIRTHS):
                values.append(value)
            else:
                self.placeholders += 1
        return values

    def _normal(self, part: Part, cell: str) -> str | None:
        if part == "birth":
            born = births_in(cell.split("T", maxsplit=1)[0].removesuffix(" 00:00:00").removesuffix(" 00:00"))
            return born[0] if len(born) == 1 and born[0] <= self.today.isoformat() else None
        if part == "hospital_number" and _SHORTENED.fullmatch(cell):
            return None
        return _NORMAL[part](cell)


def write_report(bad: Sequence[BadLine], path: Path) -> None:
    """All that could not be used, as CSV. Raises InvalidInput."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["line", "column", "reason"])
            rows.writerows([each.line, each.column, each.reason] for each in bad)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from None


def _unwrapped(part: Part, cell: str) -> str:
    """A cell without what spreadsheets put round a number to keep its zeros, or behind it."""
    plain = cell.strip()
    if plain.startswith('="') and plain.endswith('"'):
        plain = plain[2:-1].strip()
    plain = plain.removeprefix("'")
    return re.sub(r"(?<=\d)\.0+$", "", plain) if part in ("number", "hospital_number") else plain


def _is_placeholder(part: Part, cell: str) -> bool:
    """Whether a system's way of saying "not known" stands there: it would match strangers."""
    plain = re.sub(r"[\W_]", "", cell).casefold()
    if plain in _NOT_KNOWN or not plain:
        return True
    if part in ("number", "hospital_number"):
        return len(set(plain)) == 1
    return part == "postcode" and plain.startswith("zz99")


_NORMAL: Mapping[Part, Callable[[str], str | None]] = {
    "number": normal_number,
    "surname": normal_surname,
    "postcode": normal_postcode,
    "hospital_number": normal_hospital_number,
}
