"""Registers over HTTP: what is looked up, never what it holds."""

from __future__ import annotations

from pathlib import Path

import httpx

from api.schemas.register import RegisterOut
from detectors.register.fields import digest, key_id, message
from detectors.register.table import write_table
from monitor.registers import About, NewDigests, load_register
from tests.api.served import CLEAR_NUMBER, World, bearer

KEY = bytes(range(32))


def test_registers_are_told_without_their_content(world: World, client: httpx.Client, tmp_path: Path) -> None:
    """A list and a register by its name: counts, key ids and dates; no digest, key or file."""
    path = tmp_path / "digests"
    made = digest(KEY, message("number", CLEAR_NUMBER))
    with path.open("wb") as file:
        write_table(file, key_id=key_id(KEY), records=1, digests={"number": made})
    load_register(world.core, About("pas", "patients", "Test Trust"), NewDigests(path, KEY), "test")

    client.headers.update(bearer(world.key("reviewer")))
    listed = client.get("/api/v1/registers").raise_for_status()
    shown = client.get("/api/v1/registers/pas").raise_for_status()
    (register,) = listed.json()["items"]
    assert register == shown.json()
    told = RegisterOut.model_validate(register)
    assert (told.kind, told.rotating, told.matches, told.last_match_at) == ("patients", False, 0, None)
    assert (told.generations[0].key_id, told.generations[0].counts["number"]) == (key_id(KEY), 1)
    assert told.generations[0].readable
    for secret in (KEY.hex(), made.hex(), CLEAR_NUMBER, str(tmp_path)):
        assert secret not in shown.text


def test_an_unknown_register_is_a_problem(world: World, client: httpx.Client) -> None:
    """A name that no register has is a 404, an auditor's key a 403."""
    client.headers.update(bearer(world.key("reviewer")))
    assert client.get("/api/v1/registers/pas").status_code == 404
    client.headers.update(bearer(world.key("auditor")))
    assert client.get("/api/v1/registers").status_code == 403
