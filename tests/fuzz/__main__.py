"""Fuzz one target with Atheris: python -m tests.fuzz TARGET CORPUS [libFuzzer's options].

    python -m tests.fuzz pictures /tmp/corpus -runs=2000 -seed=1

The corpus folder is made and given the target's own seeds. A finding is written beside it and ends the run.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["detectors", "connectors"]):
    from tests.fuzz.targets import TARGETS


def main(name: str, corpus: Path, options: list[str]) -> None:
    """Fuzz until the budget is used up or something is found; does not return."""
    target = TARGETS[name]
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={corpus}.", *options], target.run)
    atheris.Fuzz()


main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
