"""`leakwatch report`: an address, files or both; a reference; and sentences for what is neither."""

from __future__ import annotations

from pathlib import Path

from monitor.core import Core
from monitor.reports import list_reports
from tests.monitor.pictures import draw, encode
from tests.monitor.test_cli import Cli, cli, database_url

__all__ = ["cli", "database_url"]


def test_reporting(core: Core, cli: Cli, tmp_path: Path) -> None:
    """An address with a screenshot is one report, however often it is made."""
    shot = tmp_path / "shot.png"
    shot.write_bytes(encode(draw("tea at four", size=(300, 120))))
    words = ("report", "https://x.com/a/status/5", shot, "--note", "on the bus", "--who", "Ward 7")
    first = cli(*words, "--json").document
    again = cli(*words)
    (report,) = list_reports(core)
    assert (first["new"], first["standing"]) == (True, "received")
    assert again.out == f"{first['reference']}: received. It had been reported before.\n"
    assert (report.reference, report.files, report.note, report.who) == (
        first["reference"], 1, "on the bus", "Ward 7",
    )  # fmt: skip
    assert report.actor.startswith("cli:")


def test_what_is_no_report(core: Core, cli: Cli, tmp_path: Path) -> None:
    """Two addresses, an archive and a folder are refused in one sentence."""
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04" + bytes(99))
    for words, reason in (
        (("https://x.com/a/status/5", "gone.png"), "One report is of one address"),
        ((tmp_path / "all.zip",), "archives are never opened"),
        ((tmp_path,), "cannot be read"),
    ):
        ended = cli("report", *words)
        assert (ended.code, ended.err.count("\n")) == (2, 1)
        assert reason in ended.err
    assert list_reports(core) == []
