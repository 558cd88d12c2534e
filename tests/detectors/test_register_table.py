"""A file of digests: it holds what was put in and nothing else, and shows when it was altered."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.register.fields import FIELDS
from detectors.register.table import HEADER_BYTES, RegisterFileUnusable, Table, fan_bits, write_table

DIGEST = st.binary(min_size=16, max_size=16)
CLOSE = st.builds(lambda end: b"\x00" * 14 + end, st.binary(min_size=2, max_size=2))
"""Digests that share their leading bits, as only a hostile file's would."""


def written(**digests: bytes) -> bytes:
    """A table's file."""
    file = io.BytesIO()
    write_table(file, key_id="0" * 16, records=3, digests=digests)  # type: ignore[arg-type]
    return file.getvalue()


@settings(max_examples=60)
@given(st.lists(st.one_of(DIGEST, CLOSE), max_size=300), st.lists(st.one_of(DIGEST, CLOSE), max_size=50))
def test_a_table_answers_like_a_set(put: list[bytes], asked: list[bytes]) -> None:
    """A table holds exactly the digests that were put in, under the field they were put in for."""
    table = Table(written(number=b"".join(put)))
    table.check()
    assert [table.holds("number", each) for each in put + asked] == [each in set(put) for each in put + asked]
    assert not any(table.holds("hospital_number", each) for each in put)
    assert table.header.counts["number"] == len(set(put))


def test_a_large_table_answers_like_a_set() -> None:
    """The same with an index of many steps."""
    put = [n.to_bytes(2, "big") * 8 for n in range(0, 65536, 3)]
    table = Table(written(surname_birth=b"".join(reversed(put))))
    assert fan_bits(len(put)) > 8
    known = set(put)
    asked = [n.to_bytes(2, "big") * 8 for n in range(65536)]
    assert [table.holds("surname_birth", each) for each in asked] == [each in known for each in asked]


def test_the_order_tells_nothing_of_the_list() -> None:
    """The same digests in another order make the same file, byte for byte."""
    put = [n.to_bytes(16, "big") for n in (9, 2, 7, 2)]
    assert written(number=b"".join(put)) == written(number=b"".join(sorted(put)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nhs number,surname\n9990000018,Pellow\n",
        b"leakwatch-register 1 {}".ljust(HEADER_BYTES),
        b"leakwatch-register 1 [1]".ljust(HEADER_BYTES),
        b"leakwatch-register 2 {}".ljust(HEADER_BYTES),
    ],
)
def test_what_holds_no_digests_is_refused(tmp_path: Path, content: bytes) -> None:
    """A list of people, or nothing, is refused in one sentence that repeats none of it."""
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    with pytest.raises(RegisterFileUnusable, match=r"people\.csv holds no digests") as caught:
        Table.open(path)
    assert "Pellow" not in str(caught.value)


def test_a_file_that_is_cut_short_is_refused() -> None:
    """A file without its end, or with more, is not opened."""
    whole = written(number=bytes(range(160)))
    for content in (whole[:-1], whole + b"x"):
        with pytest.raises(RegisterFileUnusable, match="cut short or too long"):
            Table(content)


@pytest.mark.parametrize("at", [HEADER_BYTES + 1, -1])
def test_an_altered_file_fails_its_check(at: int) -> None:
    """One changed byte in index or digests is found."""
    content = bytearray(written(number=bytes(range(160))))
    content[at] ^= 1
    with pytest.raises(RegisterFileUnusable, match="not as they were made"):
        Table(bytes(content)).check()


def test_digests_out_of_order_fail_the_check() -> None:
    """A file whose digest of itself is right but whose order is not would answer wrongly: refused."""
    good = written(number=bytes(range(160)))
    start = len(good) - 160
    body = (
        good[HEADER_BYTES:start]
        + good[start + 16 : start + 32]
        + good[start : start + 16]
        + good[start + 32 :]
    )
    file = io.BytesIO()
    header = good[:HEADER_BYTES]
    import hashlib

    old = Table(good).header.sha256.encode()
    file.write(header.replace(old, hashlib.sha256(body).hexdigest().encode()) + body)
    with pytest.raises(RegisterFileUnusable, match="not in order"):
        Table(file.getvalue()).check()


def test_an_empty_table_holds_nothing() -> None:
    """A table without digests can be asked."""
    table = Table(written())
    table.check()
    assert not any(table.holds(field, bytes(16)) for field in FIELDS)
    assert table.header.total == 0
