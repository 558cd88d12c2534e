"""The fuzzing targets, each for a fixed and small number of runs; `scripts/fuzz` goes on for longer."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
RUNS = 150
needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="Atheris has no package for this machine"
)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_their_damage_find_nothing(name: str) -> None:
    """Each target takes its own seeds, whole and with bytes changed, cut and doubled."""
    target, chance = TARGETS[name], random.Random(1)
    for seed in target.seeds():
        target.run(seed)
        for _ in range(12):
            damaged = bytearray(seed)
            for _ in range(chance.randint(1, 8)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            cut = chance.randrange(len(damaged))
            target.run(bytes(chance.choice([damaged, damaged[:cut], damaged[cut:] + damaged])))


@needs_atheris
@pytest.mark.parametrize("name", ["feed", "documents"])
def test_atheris_finds_nothing_in_its_budget(name: str, tmp_path: Path) -> None:
    """Coverage-guided inputs, from a fixed seed: nothing but what the seam documents."""
    command = [sys.executable, "-m", "tests.fuzz", name, str(tmp_path / "corpus")]
    options = [f"-runs={RUNS}", "-seed=1", "-max_len=20000", "-rss_limit_mb=4096"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"Done {RUNS} runs" in done.stderr
