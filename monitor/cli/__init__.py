"""The command line. Each command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import sys

import typer

from connectors.base import ConnectorError
from detectors.base import DetectorError
from monitor.cli.app import app
from monitor.errors import LeakwatchError

FAILED = 2


def main() -> None:
    """Entry point: errors become one sentence on standard error and exit code 2."""
    try:
        app()
    except (LeakwatchError, ConnectorError, DetectorError) as error:
        typer.echo(f"leakwatch: {error}", err=True)
        sys.exit(FAILED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
