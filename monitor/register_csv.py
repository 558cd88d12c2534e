"""A list of people as their systems export it, turned into keyed digests. Reads files and nothing else.

Lines that cannot be used are told by line, column and reason; no value of the list is ever repeated.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

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

Part = Literal["number", "surname", "birth", "postcode", "hospital_number"]
HEADERS: Mapping[Part, frozenset[str]] = {
    "number": frozenset(
        {"nhsnumber", "nhsno", "nhs", "nhsnum", "patientnhsnumber", "chinumber", "chino", "chi", "hcnumber"}
        | {"hcno", "hcn", "healthandcarenumber", "healthcarenumber", "number", "rhifgig"}
    ),
    "surname": frozenset(
        {"surname", "familyname", "lastname", "patientsurname", "previoussurname", "formersurname"}
        | {"maidenname", "birthname", "family", "cyfenw"}
    ),
    "birth": frozenset(
        {
            "dateofbirth",
            "dob",
            "birthdate",
            "patientdob",
            "patientdateofbirth",
            "born",
            "birth",
            "dyddiadgeni",
        }
    ),
    "postcode": frozenset(
        {"postcode", "postalcode", "homepostcode", "patientpostcode", "usualaddresspostcode", "codpost"}
    ),
    "hospital_number": frozenset(
        {"hospitalnumber", "hospitalno", "hospno", "mrn", "localpatientid", "localpatientidentifier"}
        | {"pasnumber", "pasno", "unitnumber", "unitno", "casenumber", "crn", "rionumber", "patientid"}
        | {"medicalrecordnumber", "rhifysbyty"}
    ),
}
"""How exports name their columns, in lower case, letters and digits only."""

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
_DELIMITERS = ",;\t|"
_LONGEST_HEADER = 100_000
_PROGRESS_LINES = 1000


@dataclass(frozen=True, slots=True)
class BadLine:
    """Something of a line that could not be used: where and why, never what stands there."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list is written: encoding, delimiter, its columns' names and the places of each part's."""

    encoding: str
    delimiter: str
    names: Sequence[str]
    columns: Mapping[Part, Sequence[int]]


class TooManyBadLines(InvalidInput):
    """More lines than allowed cannot be used; `bad` says which."""

    def __init__(self, path: Path, bad: Sequence[BadLine], most: int) -> None:
        super().__init__(
            f"More than {most} lines of {path} cannot be used, so nothing was written;"
            " mend the list, or allow more with --max-bad."
        )
        self.bad = bad


def find_layout(
    path: Path, named: Mapping[Part, Sequence[str]], *, encoding: str = "auto", delimiter: str = ""
) -> Layout:
    """Read a list's header line; `named` columns come in place of those known. Raises InvalidInput."""
    encoding = _encoding_of(path) if encoding == "auto" else encoding
    with _opened(path, encoding) as file:
        header = _first_line(path, file)
    delimiter = delimiter or max(_DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    columns = {part: _places(path, names, part, named.get(part, ())) for part in HEADERS}
    if len(columns["birth"]) > 1:
        raise InvalidInput(f"{path} has two columns of dates of birth; say which: --column birth=NAME.")
    if not (columns["number"] or columns["hospital_number"] or columns["birth"]):
        raise InvalidInput(
            f"{path} has no column whose header is known; name them, such as --column number='NHS No'."
        )
    return Layout(encoding, delimiter, names, columns)


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
        with _opened(path, self.layout.encoding) as file:
            rows = csv.reader(file, delimiter=self.layout.delimiter)
            try:
                next(rows, None)
                for row in rows:
                    self._line(path, rows.line_num, row)
                    if rows.line_num % _PROGRESS_LINES == 0:
                        progress(os.lseek(file.fileno(), 0, os.SEEK_CUR))
            except csv.Error as error:
                raise InvalidInput(f"{path}, line {rows.line_num}: this is no CSV ({error}).") from None
            except UnicodeDecodeError:
                raise InvalidInput(
                    f"{path}, line {rows.line_num + 1}: this is not {self.layout.encoding}; give --encoding."
                ) from None

    def _line(self, path: Path, number: int, row: Sequence[str]) -> None:
        if not any(cell.strip() for cell in row):
            return
        self.records += 1
        if len(row) != len(self.layout.names):
            found = [BadLine(number, "", f"has {len(row)} columns and the header {len(self.layout.names)}")]
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
        parts = {part: self._values(part, number, row, bad) for part in HEADERS}
        made: list[tuple[Field, tuple[str, ...]]] = [("number", (value,)) for value in parts["number"]]
        made += [("hospital_number", (value,)) for value in parts["hospital_number"]]
        for born in parts["birth"]:
            made += [("surname_birth", (surname, born)) for surname in parts["surname"]]
            made += [("postcode_birth", (code, born)) for code in parts["postcode"]]
        for name, values in made:
            self.digests[name] += digest(self.key, message(name, *values))
        return bad if made or bad else [BadLine(number, "", "has nothing that can be looked up")]

    def _values(self, part: Part, number: int, row: Sequence[str], bad: list[BadLine]) -> list[str]:
        values = []
        for place in self.layout.columns[part]:
            cell = row[place].strip()
            if not cell:
                continue
            if _is_placeholder(part, cell):
                self.placeholders += 1
                continue
            value = self._normal(part, cell)
            if value is None:
                bad.append(BadLine(number, self.layout.names[place].strip(), REASONS[part]))
            elif not (part == "birth" and value in _PLACEHOLDER_BIRTHS):
                values.append(value)
            else:
                self.placeholders += 1
        return values

    def _normal(self, part: Part, cell: str) -> str | None:
        if part == "birth":
            born = births_in(cell.split("T", maxsplit=1)[0].removesuffix(" 00:00:00").removesuffix(" 00:00"))
            return born[0] if len(born) == 1 and born[0] <= self.today.isoformat() else None
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


def _is_placeholder(part: Part, cell: str) -> bool:
    """Whether a system's way of saying "not known" stands there: it would match strangers."""
    plain = re.sub(r"[\W_]", "", cell).casefold()
    if plain in _NOT_KNOWN or not plain:
        return True
    if part in ("number", "hospital_number"):
        return len(set(plain)) == 1
    return part == "postcode" and plain.startswith("zz99")


def _places(path: Path, names: Sequence[str], part: Part, named: Sequence[str]) -> list[int]:
    plain = [re.sub(r"[\W_]", "", name).casefold() for name in names]
    if not named:
        return [at for at, name in enumerate(plain) if name in HEADERS[part]]
    places = []
    for name in named:
        wanted = re.sub(r"[\W_]", "", name).casefold()
        if wanted not in plain:
            raise InvalidInput(f"{path} has no column named {name!r} (--column {part}={name}).")
        places.append(plain.index(wanted))
    return places


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    try:
        return path.open(encoding=encoding, newline="")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    except LookupError:
        raise InvalidInput(f"{encoding!r} is no encoding; use utf-8, cp1252, utf-16 or the like.") from None


def _first_line(path: Path, file: io.TextIOWrapper) -> str:
    try:
        line = file.readline(_LONGEST_HEADER).strip("\r\n")
    except UnicodeError:
        raise InvalidInput(f"{path}, line 1: this is not {file.encoding}; give --encoding.") from None
    if not line:
        raise InvalidInput(f"{path} is empty: its first line must name the columns.")
    return line


def _encoding_of(path: Path) -> str:
    """UTF-16 or UTF-8 by their marks, UTF-8 where all of it is, else Windows-1252, as exports of old are."""
    try:
        with path.open("rb") as file:
            start = file.read(3)
            if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
            decoder = codecs.getincrementaldecoder("utf-8")()
            file.seek(0)
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


_NORMAL: Mapping[Part, Callable[[str], str | None]] = {
    "number": normal_number,
    "surname": normal_surname,
    "postcode": normal_postcode,
    "hospital_number": normal_hospital_number,
}
