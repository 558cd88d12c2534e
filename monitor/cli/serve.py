"""`leakwatch up`, and its roles one by one: `web`, `schedule`, `worker`."""

from __future__ import annotations

import importlib
import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import open_core, settings_with
from monitor.cli.output import err
from monitor.errors import ConfigurationError
from monitor.settings import Settings

if TYPE_CHECKING:
    from monitor.core import Core

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")]

SHUTDOWN_SECONDS = 20


def up(host: Host = None, port: Port = None) -> None:
    """Run everything on this machine: web server, scheduler and workers.

    The database is made and brought up to date first. End it with Ctrl-C or SIGTERM.

    Example: leakwatch up --port 8080
    """
    listener = listen(settings_with(host=host, port=port))
    core = open_core(listener.settings, upgrade=True)
    run_until_stopped(core, listener, schedules=True, works=True)


def web(host: Host = None, port: Port = None) -> None:
    """Run the web server only: API and console.

    Example: leakwatch web --host 0.0.0.0
    """
    listener = listen(settings_with(host=host, port=port))
    run_until_stopped(open_core(listener.settings), listener)


def schedule() -> None:
    """Run the scheduler only. A second one stands by until the first is gone.

    Example: leakwatch schedule
    """
    run_until_stopped(open_core(), schedules=True)


def worker() -> None:
    """Run the pipeline's workers only.

    Example: leakwatch worker
    """
    run_until_stopped(open_core(), works=True)


class Listener:
    """A socket that is bound already, and the settings with the port it got."""

    def __init__(self, settings: Settings) -> None:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            self.socket = socket.create_server((settings.host, settings.port), family=family)
        except OSError as error:
            raise ConfigurationError(
                f"The web server cannot listen on {settings.host}:{settings.port}: {error.strerror};"
                " choose another with --port."
            ) from None
        self.settings = settings.model_copy(update={"port": self.socket.getsockname()[1]})


def listen(settings: Settings) -> Listener:
    """Take the web server's port. Raises ConfigurationError when it cannot be had."""
    return Listener(settings)


class WebServer:
    """API and console, served from a thread of their own."""

    def __init__(self, core: Core, listener: Listener) -> None:
        import uvicorn

        # The web layer stands above this one, so it is found by name when it is wanted, not imported.
        app = importlib.import_module("api.app").create_app(core)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        self._server = uvicorn.Server(config)
        sockets = [listener.socket]
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": sockets}, name="web")

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Answer what is under way, then end."""
        self._server.should_exit = True
        self._thread.join()


def stop_signal() -> threading.Event:
    """An event that SIGINT or SIGTERM sets."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def run_until_stopped(
    core: Core, listener: Listener | None = None, *, schedules: bool = False, works: bool = False
) -> None:
    """Play these roles until SIGINT or SIGTERM."""
    from monitor.runtime import Runtime

    stopped = stop_signal()
    server = WebServer(core, listener) if listener else None
    with Runtime(core, schedules=schedules, works=works):
        if server:
            server.start()
            err.print(f"leakwatch is up: {core.settings.base_url}", highlight=False)
        stopped.wait()
        if server:
            server.stop()
