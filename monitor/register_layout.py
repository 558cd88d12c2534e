"""How a list of people is written: encoding, delimiter, where its header is, what each column holds."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from detectors.register.fields import births_in, normal_number
from monitor.errors import InvalidInput

Part = Literal["number", "surname", "birth", "postcode", "hospital_number"]
PARTS: tuple[Part, ...] = get_args(Part)
_HEADERS: Mapping[Part, frozenset[str]] = {
    "number": frozenset(
        {"nhsnumber", "nhsno", "nhs", "nhsnum", "chinumber", "chino", "chi", "hcnumber", "hcno", "hcn"}
        | {"healthandcarenumber", "healthcarenumber", "number", "rhifgig"}
    ),
    "surname": frozenset(
        {"surname", "familyname", "lastname", "previoussurname", "formersurname", "maidenname"}
        | {"birthname", "family", "cyfenw"}
    ),
    "birth": frozenset({"dateofbirth", "dob", "birthdate", "born", "birth", "dyddiadgeni"}),
    "postcode": frozenset(
        {"postcode", "postalcode", "homepostcode", "addresspostcode", "usualaddresspostcode", "codpost"}
    ),
    "hospital_number": frozenset(
        {"hospitalnumber", "hospitalno", "hospno", "mrn", "localpatientid", "localpatientidentifier"}
        | {"pasnumber", "pasno", "unitnumber", "unitno", "casenumber", "crn", "rionumber", "patientid"}
        | {"patientnumber", "patientno", "medicalrecordnumber", "rhifysbyty"}
    ),
}
"""How exports name their columns: lower case, letters and digits only, "patient" in front left out."""
_DELIMITERS = ",;\t|"
_HEADER_WITHIN = 20
"""Rows in which the header is looked for: reports put titles in front of it, spreadsheets `sep=;`."""
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Columns = Mapping[Part, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The line at which the header ends, its columns' names, and the places of each part's columns."""

    encoding: str
    delimiter: str
    header_line: int
    names: Sequence[str]
    columns: Columns

    def told(self) -> str:
        """What is read as what, and what is not: a column that was not known would be missed in silence."""
        used = [
            f"{part}: {', '.join(repr(self.names[at]) for at in places)}"
            for part, places in self.columns.items()
            if places
        ]
        taken = {at for places in self.columns.values() for at in places}
        others = [repr(name) for at, name in enumerate(self.names) if at not in taken and name]
        return f"Columns read as {'; '.join(used)}. Not used: {', '.join(others) or 'none'}."


def find_layout(path: Path, named: Mapping[Part, Sequence[str]]) -> Layout:
    """Look at the beginning of a list; `named` columns come in place of those known. Raises InvalidInput."""
    encoding = _encoding_of(path)
    found = [
        Layout(encoding, delimiter, line, names, columns)
        for delimiter in _DELIMITERS
        for line, names in _first_rows(path, encoding, delimiter)
        if any((columns := _columns(names, named)).values())
    ]
    if not found:
        raise InvalidInput(
            f"None of the first lines of {path} names a column that is known. Put a header line in front,"
            " or say what its columns are, such as --column number='NHS No'."
        )
    layout = max(found, key=lambda each: sum(map(bool, each.columns.values())))
    _require_usable(path, layout, named)
    return layout


def opened(path: Path, encoding: str) -> io.TextIOWrapper:
    """The list as text. Raises InvalidInput."""
    try:
        return path.open(encoding=encoding, newline="")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None


def _require_usable(path: Path, layout: Layout, named: Mapping[Part, Sequence[str]]) -> None:
    for part, headers in named.items():
        for header in headers:
            if _plain(header) not in map(_plain, layout.names):
                raise InvalidInput(f"{path} has no column named {header!r} (--column {part}={header}).")
    if len(layout.columns["birth"]) > 1:
        raise InvalidInput(f"{path} has two columns of dates of birth; say which: --column birth=NAME.")
    if not (layout.columns["number"] or layout.columns["hospital_number"] or layout.columns["birth"]):
        raise InvalidInput(
            f"{path} has no patient's number, hospital number or date of birth. {layout.told()}"
            " Name its columns, such as --column number='NHS No'."
        )


def _first_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that may be the header, with the line at which each ends; none that is a person's."""
    with opened(path, encoding) as file:
        rows = csv.reader(file, delimiter=delimiter)
        try:
            for row in islice(rows, _HEADER_WITHIN):
                if not any(map(_is_persons, row)):
                    yield rows.line_num, [" ".join(name.split()) for name in row]
        except UnicodeError:
            raise InvalidInput(f"{path} is not {encoding}; save it as UTF-8.") from None
        except csv.Error:  # not with this delimiter, or no CSV at all: then nothing is found
            return


def _is_persons(cell: str) -> bool:
    return bool(normal_number(cell) or births_in(cell))


def _columns(names: Sequence[str], named: Mapping[Part, Sequence[str]]) -> Columns:
    plain = [_plain(name) for name in names]
    return {part: _places(plain, part, {_plain(name) for name in named.get(part, ())}) for part in PARTS}


def _places(plain: Sequence[str], part: Part, named: set[str]) -> list[int]:
    if named:
        return [at for at, name in enumerate(plain) if name in named]
    return [at for at, name in enumerate(plain) if name and _part_of(name) == part]


def _part_of(name: str) -> Part | None:
    for each in (name, name.removeprefix("patient")):
        for part, headers in _HEADERS.items():
            if each in headers:
                return part
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", re.sub(r"\([^()]*\)", "", name)).casefold()


def _encoding_of(path: Path) -> str:
    """UTF-16 or UTF-8 by their marks, UTF-8 where all of it is, else Windows-1252, as exports of old are."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            if start in _WORKBOOKS:
                raise InvalidInput(f"{path} is a workbook and no CSV; save the list as CSV (UTF-8).")
            if (wide := _utf_16(start)) is not None:
                return wide
            decoder = codecs.getincrementaldecoder("utf-8")()
            file.seek(0)
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _utf_16(start: bytes) -> str | None:
    """By its mark; without one by the empty halves of the first letters."""
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if start[1:2] == b"\0" and start[0]:
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" and start[1:2] > b"\0" else None
