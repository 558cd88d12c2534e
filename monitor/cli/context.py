"""What a command works with: settings, logging and the core, opened in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.settings import Settings, load_settings

if TYPE_CHECKING:
    from monitor.core import Core


def open_core(settings: Settings | None = None, *, upgrade: bool = False, **overrides: Any) -> Core:
    """The core, logging set up. `overrides` are settings that the command line gave (None: it did not)."""
    from monitor import log
    from monitor.bootstrap import build_core

    settings = settings or settings_with(**overrides)
    log.configure(settings)
    return build_core(settings, upgrade=upgrade)


def settings_with(**overrides: Any) -> Settings:
    """Settings with what the command line says."""
    return load_settings(**{name: value for name, value in overrides.items() if value is not None})
