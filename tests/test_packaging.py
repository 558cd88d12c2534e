"""The wheel is complete: installed into an empty environment, away from the tree, leakwatch works."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from monitor.storage.database import head_revision

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "connectors", "detectors", "monitor")
DISCHARGE_SUMMARY = (
    "NHS Foundation Trust",
    "DISCHARGE SUMMARY",
    "NHS Number: 999 012 3454",
    "Date of birth: 04/07/1961",
    "Diagnosis: type 2 diabetes mellitus",
    "Medication: metformin 500 mg twice daily",
    "Consultant: Dr A Example",
)

Run = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.xdist_group("packaging")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is released, built from the tree without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment holding the wheel; the libraries it needs are seen through from the tests' own."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-q",
        "--no-index",
        "--no-deps",
        wheel,
    ]
    subprocess.run(install, check=True, capture_output=True)
    purelib = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # Python reads no .pth file of a folder named in one, so the tests' editable leakwatch stays out of sight.
    (purelib / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture
def run(installed: Path, tmp_path: Path) -> Run:
    """Run a program of the environment in an empty folder, with nothing of the tree in reach."""

    def runner(program: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("LEAKWATCH_", "PYTHON"))
        }
        return subprocess.run(
            [installed / "bin" / program, *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, "LEAKWATCH_DATA_DIR": str(tmp_path / "data"), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return runner


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A legible page with a never-issued NHS number that passes its check digit."""
    page = Image.new("RGB", (1240, 900), "white")
    pen = ImageDraw.Draw(page)
    for line, text in enumerate(DISCHARGE_SUMMARY):
        pen.text((80, 60 + 110 * line), text, fill="black", font=ImageFont.load_default(size=44))
    page.save(tmp_path / "page.png")
    return tmp_path / "page.png"


def _data_files() -> Iterator[str]:
    """Every file of the packages that is not Python source."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix not in {".py", ".pyc"}:
                yield str(path.relative_to(ROOT))


def _report(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def test_the_wheel_carries_every_data_file(wheel: Path) -> None:
    """Lexicons, templates, static files and the demonstration's feed travel in the wheel."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    data = set(_data_files())
    assert data
    assert data - shipped == set()


def test_the_wheel_carries_the_migrations(wheel: Path) -> None:
    """Every migration of the tree lies inside the storage package of the wheel."""
    shipped = set(zipfile.ZipFile(wheel).namelist())
    versions = [path.name for path in (ROOT / "alembic" / "versions").glob("*.py")]
    assert versions
    assert {f"monitor/storage/migrations/versions/{name}" for name in versions} <= shipped


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    """Tests, benchmarks and scripts stay out of what people install, and the licence is in."""
    shipped = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in shipped if ".dist-info/" not in name} == set(PACKAGES)
    assert any(name.endswith("licenses/LICENSE") for name in shipped)


def test_the_environment_runs_the_wheel_and_not_the_tree(run: Run, installed: Path) -> None:
    """What the following tests exercise is the installed package."""
    done = run("python", "-c", "import monitor, connectors, detectors, api; print(monitor.__file__)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(installed)


def test_the_installed_leakwatch_makes_its_database(run: Run, tmp_path: Path) -> None:
    """`leakwatch db upgrade` brings an absent database to the newest schema."""
    done = run("leakwatch", "db", "upgrade", LEAKWATCH_DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    assert done.returncode == 0, done.stderr
    connection = sqlite3.connect(tmp_path / "new.db")
    assert connection.execute("select version_num from alembic_version").fetchall() == [(head_revision(),)]
    connection.close()


def test_the_installed_leakwatch_reads_a_picture(run: Run, photograph: Path) -> None:
    """`leakwatch scan` finds the patient number in a picture and answers with the exit status of an alert."""
    done = run("leakwatch", "scan", "--jsonl", photograph, LEAKWATCH_ACCEPT_UNISSUED_NUMBERS="true")
    assert done.returncode == 1, done.stderr
    (item,) = _report(done.stdout)
    assert item["alert"] is True
    assert item["error"] is None
    assert "nhs_number" in {identifier["kind"] for identifier in item["identifiers"]}
    assert "9990123454" not in done.stdout.replace(" ", "")
