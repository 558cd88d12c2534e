"""Rules of the tree that no linter holds: sizes, traps of the layout, lazy imports, scripts."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "connectors", "detectors", "monitor")
HEAVY = ("av", "cv2", "onnxruntime", "praw", "rapidocr", "scipy", "shapely")
LONGEST_FILE, LONGEST_FUNCTION, MEDIAN_FUNCTION = 400, 60, 10

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SCRIPTS = sorted(
    path
    for folder in ("scripts", ".ci")
    for path in (ROOT / folder).iterdir()
    if path.is_file() and path.suffix in {"", ".sh"} and b"bash" in path.read_bytes().partition(b"\n")[0]
)


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions() -> Iterator[tuple[str, int]]:
    """Every function of the product: where it is, and its length in lines."""
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{_relative(source)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("folder", ["alembic", "docker", "tests"])
def test_folders_named_like_libraries_are_no_packages(folder: str) -> None:
    """`alembic` and `docker` never hide the libraries of those names, nor `tests` the packages it mirrors."""
    assert (ROOT / folder).is_dir()
    assert not list((ROOT / folder).rglob("__init__.py"))


@pytest.mark.parametrize("source", SOURCES, ids=_relative)
def test_files_stay_readable_in_one_sitting(source: Path) -> None:
    """No source file is longer than 400 lines."""
    assert len(source.read_text().splitlines()) <= LONGEST_FILE


def test_functions_stay_short() -> None:
    """No function is longer than 60 lines, and half of them fit in ten."""
    lengths = dict(_functions())
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}
    assert statistics.median(lengths.values()) <= MEDIAN_FUNCTION


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    """`leakwatch --help` loads no OCR engine, picture library or platform client."""
    program = f"import sys, monitor.cli; print(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("script", SCRIPTS, ids=_relative)
def test_scripts_are_sound_bash(script: Path) -> None:
    """A script parses, stops at the first error and, where shellcheck is installed, passes it."""
    subprocess.run(["bash", "-n", script], check=True)
    sourced = script.suffix == ".sh"
    assert sourced or "set -euo pipefail" in script.read_text()
    assert sourced or script.stat().st_mode & 0o111, f"{script.name} is not executable"
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-x", "--severity=warning", "--source-path", ROOT, script], check=True)


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=_relative)
def test_locks_are_hashed_and_name_no_index(lock: Path) -> None:
    """Every requirement is pinned with its digests, and no lock says where to fetch from."""
    text = lock.read_text()
    requirements = [line for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    assert requirements
    assert [line for line in requirements if "==" not in line or not line.endswith("\\")] == []
    assert "://" not in text
    assert "index-url" not in text
