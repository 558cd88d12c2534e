"""Hash-chained logs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.hashchain import (
    GENESIS,
    ChainedEntry,
    ChainLineInvalid,
    append,
    at_from_text,
    at_text,
    from_lines,
    to_lines,
    verify_chain,
)

times = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(), max_size=20)
rows = st.lists(st.tuples(times, texts, texts, texts, texts, texts), min_size=1, max_size=6)


def chain(drawn: list[tuple[datetime, str, str, str, str, str]]) -> list[ChainedEntry]:
    entries: list[ChainedEntry] = []
    for at, actor, action, item, digest, note in drawn:
        previous = entries[-1] if entries else None
        entries.append(
            append(previous, at=at, actor=actor, action=action, item=item, digest=digest, note=note)
        )
    return entries


@given(rows)
def test_what_is_appended_verifies_and_survives_its_file(
    drawn: list[tuple[datetime, str, str, str, str, str]],
) -> None:
    """Any texts (lone surrogates, line separators) make a whole chain and come back from its lines."""
    entries = chain(drawn)
    assert verify_chain(entries) is None
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0].prev_hash == GENESIS
    assert from_lines(to_lines(entries)) == entries
    assert to_lines(entries).count(b"\n") == len(entries)


@given(rows, st.data())
def test_a_changed_field_breaks_the_chain_there(
    drawn: list[tuple[datetime, str, str, str, str, str]], data: st.DataObject
) -> None:
    """Whatever field of whatever entry changes, its seq is the one reported."""
    entries = chain(drawn)
    place = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(
        st.sampled_from(["at", "actor", "action", "item", "digest", "note", "prev_hash", "hash"])
    )
    value = getattr(entries[place], name)
    # In the first or last year of the calendar a minute's step must not leave it.
    step = timedelta(minutes=-1 if isinstance(value, datetime) and value.year > 5000 else 1)
    changed = value + step if isinstance(value, datetime) else value + "x"
    entries[place] = dataclasses.replace(entries[place], **{name: changed})
    assert verify_chain(entries) == place + 1


@given(rows, st.data())
def test_a_removed_or_moved_line_breaks_the_chain(
    drawn: list[tuple[datetime, str, str, str, str, str]], data: st.DataObject
) -> None:
    """A gap is reported at the missing seq; a swap at the first of the two."""
    entries = chain([*drawn, *drawn])
    place = data.draw(st.integers(0, len(entries) - 2))
    assert verify_chain(entries[:place] + entries[place + 1 :]) == place + 1
    swapped = list(entries)
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert verify_chain(swapped) == place + 1


def test_a_rewritten_entry_breaks_at_its_follower() -> None:
    """Who recomputes an altered entry's own hash is found one line later."""
    first, second = chain([(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", "d", note) for note in "12"])
    forged = append(None, at=first.at, actor="a", action="b", item="c", digest="d", note="forged")
    assert verify_chain([forged]) is None
    assert verify_chain([forged, second]) == 2


def test_a_long_log_can_be_read_in_parts() -> None:
    """`after` continues a verified part; a wrong predecessor is found."""
    entries = chain([(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", "d", str(n)) for n in range(6)])
    assert verify_chain(entries[3:], after=entries[2]) is None
    assert verify_chain(entries[3:], after=entries[1]) == 3
    assert verify_chain([]) is None


def test_the_hash_is_that_of_the_documented_form() -> None:
    """A line's hash is SHA-256 of the sorted compact JSON without `hash`, computed here by other means."""
    at = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=1)))
    line = to_lines([append(None, at=at, actor="caf\u00e9", action="sealed", item="i", digest="d", note="n")])
    fields = json.loads(line)
    claimed = fields.pop("hash")
    body = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(body.encode()).hexdigest() == claimed
    assert fields["at"] == "2026-03-29T01:30:00.000000Z"
    assert line.endswith(f',"hash":"{claimed}"}}\n'.encode())


@given(times)
def test_times_survive_their_text(at: datetime) -> None:
    """The text of a time has one form and reads back to the same instant."""
    assert at_from_text(at_text(at)) == at
    assert len(at_text(at)) == 27


def test_a_naive_time_is_refused() -> None:
    """A log entry without a time zone cannot be made."""
    with pytest.raises(ValueError, match="aware"):
        append(None, at=datetime(2026, 1, 1), actor="", action="", item="")  # noqa: DTZ001


GOOD = to_lines(chain([(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c", "d", "e")] * 2))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (GOOD[:-1], 2),
        (GOOD + b"\n", 3),
        (GOOD + b"[1]\n", 3),
        (GOOD + b"[" * 100_000 + b"\n", 3),
        (b" " + GOOD, 1),
        (GOOD.replace(b'"seq":2', b'"seq":2.0'), 2),
        (GOOD.replace(b'"seq":1', b'"seq":true'), 1),
        (GOOD.replace(b'"note":"e"', b'"note":5', 1), 1),
        (GOOD.replace(b'"note":"e",', b"", 1), 1),
        (GOOD.replace(b'"note":"e"', b'"note":"e","more":1', 1), 1),
        (b"\xff\n", 1),
    ],
)
def test_a_line_in_any_other_form_is_named(data: bytes, line: int) -> None:
    """Lines that are not byte for byte as written raise with their number, never anything else."""
    with pytest.raises(ChainLineInvalid) as caught:
        from_lines(data)
    assert caught.value.line_number == line
