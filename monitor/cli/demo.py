"""`leakwatch demo`: the whole job on a sample feed."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from monitor.cli.alert import alert_rows, print_alerts
from monitor.cli.context import open_core, settings_with
from monitor.cli.output import err, out
from monitor.cli.serve import Host, Listener, Port, WebServer, listen, stop_signal

if TYPE_CHECKING:
    import threading

    from monitor.core import Core

DATA_DIR = Path("var/demo")
TIME_LIMIT = 900.0
FAILED = 1


def demo(
    once: Annotated[bool, typer.Option("--once", help="Do the work, print the alerts, and end.")] = False,
    host: Host = None,
    port: Port = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the demo's data; default var/demo, with --once a passing one."),
    ] = None,
) -> None:
    """Show the whole job: a sample feed comes in, images are read, alerts come out.

    Everything in the feed is made up. With --once, exit code 1 means that an expected alert is missing.

    Example: leakwatch demo --once
    """
    if once and data_dir is None:
        with tempfile.TemporaryDirectory(prefix="leakwatch-demo-") as folder:
            _run_once(Path(folder))
    elif once and data_dir is not None:
        _run_once(data_dir)
    else:
        _run_serving(listen(settings_with(host=host, port=port, **_overrides(data_dir or DATA_DIR))))


def _overrides(data_dir: Path) -> dict[str, Any]:
    return {
        "data_dir": data_dir,
        "accept_unissued_numbers": True,
        "organisation": "leakwatch demo",
        "log_level": "warning",
    }


def _run_once(data_dir: Path) -> None:
    from monitor.runtime import Runtime

    core = open_core(upgrade=True, **_overrides(data_dir))
    _prepare(core)
    with Runtime(core, schedules=True, works=True):
        finished = _follow(core, stop_signal())
    missing = _report(core)
    core.database.close()
    raise typer.Exit(0 if finished and not missing else FAILED)


def _run_serving(listener: Listener) -> None:
    from monitor.runtime import Runtime

    core = open_core(listener.settings, upgrade=True)
    link = _prepare(core)
    stopped = stop_signal()
    server = WebServer(core, listener)
    with Runtime(core, schedules=True, works=True):
        server.start()
        err.print(f"Console: {core.settings.base_url}", highlight=False)
        if _follow(core, stopped):
            _report(core)
            out.print("Sign in once with this link (good for an hour):")
            out.print(link, soft_wrap=True, highlight=False)
            err.print("Serving until Ctrl-C.")
            stopped.wait()
        server.stop()


def _prepare(core: Core) -> str:
    """Source, templates and a user; returns a one-time sign-in link."""
    from monitor import access
    from monitor.demo.sample import FEED, USER, learn_templates, prepare

    learned = learn_templates(core)
    with core.database.transaction() as session:
        prepare(core, session, learned)
        token = access.create_sign_in(session, USER, core.now())
    err.print(f"Sample feed: {FEED}", highlight=False, soft_wrap=True)
    return f"{core.settings.base_url}/sign-in?token={token}"


def _follow(core: Core, stopped: threading.Event) -> bool:
    """Show progress until every post of the feed is through; False when stopped or out of time."""
    from monitor.demo.sample import expected_alerts, finished_posts

    total = len(expected_alerts())
    deadline = time.monotonic() + TIME_LIMIT
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Posts examined", total=total)
        done, told = 0, 0
        while done < total and time.monotonic() < deadline:
            if stopped.wait(0.3):
                return False
            done = finished_posts(core)
            progress.update(task, completed=done)
            if not err.is_terminal and done >= told + 5:
                told = done
                err.print(f"{done} of {total} posts examined", highlight=False)
    return done >= total


def _report(core: Core) -> bool:
    """Print the alerts, and what differs from what is expected; True when an alert is missing."""
    from monitor.demo.sample import differences

    print_alerts(alert_rows(core, limit=100))
    missing, unexpected = differences(core)
    for name in missing:
        err.print(f"Missing: post {name} should alert and does not.", highlight=False)
    for name in unexpected:
        err.print(f"Unexpected: post {name} alerts and should not.", highlight=False)
    return bool(missing)
