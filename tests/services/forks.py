"""Processes that start with everything imported, for tests that kill many.

    python forks.py MODULE...

imports the modules, then forks for each line of its input ({"module", "arguments"}), calls the module's
`main` with the arguments in the fork, and answers with the fork's exit code (negative: the signal that
ended it). It runs no thread, so that a fork is whole.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Forks:
    """The process that forks, seen from a test."""

    def __init__(self, *modules: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *modules],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self, module: str, *arguments: object) -> int:
        """Call the module's `main` in a fresh process; its exit code. All that it says is on stderr."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"module": module, "arguments": [*map(str, arguments)]}) + "\n")
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def serve() -> None:
    """Fork for each line until the input ends."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            call(**json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(1, f"{code}\n".encode())


def call(module: str, arguments: list[str]) -> None:
    """Run `main` and end this process without what its parent would do at its end."""
    code = 1
    os.dup2(2, 1)
    try:
        importlib.import_module(module).main(*arguments)
        code = 0
    except Exception:  # noqa: BLE001 - whatever it is, it ends this process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(name)
    serve()
