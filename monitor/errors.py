"""The errors people may see; every message is one sentence naming what, where and the mend.

LeakwatchError
├── ConfigurationError       settings, keys or the database are not as they must be
│   └── DatabaseTooNew       a newer leakwatch wrote this database
├── InvalidInput             what the caller gave cannot be used
├── NotFound                 no such thing
├── Conflict                 it exists already, or changed meanwhile
│   ├── TemplateChanged      a template is no longer as the caller saw it
│   ├── CheckpointMoved      another run of the same source was faster
│   └── TransitionNotAllowed an alert cannot go from here to there
├── PlatformFailed           a platform did not do what it was asked
├── NotAllowed               the caller's role does not permit it
└── TooMany                  the caller asked for more than a time allows
"""

from __future__ import annotations


class LeakwatchError(Exception):
    """Base of every error leakwatch raises on purpose."""


class ConfigurationError(LeakwatchError):
    """Settings, keys or the database are not as they must be."""


class DatabaseTooNew(ConfigurationError):
    """The database was written by a newer leakwatch."""


class InvalidInput(LeakwatchError):
    """What the caller gave cannot be used."""


class NotFound(LeakwatchError):
    """No such thing."""

    def __init__(self, noun: str, name: object) -> None:
        super().__init__(f"There is no {noun} {str(name)!r}.")
        self.noun = noun


class Conflict(LeakwatchError):
    """It exists already, or it changed meanwhile."""


class TemplateChanged(Conflict):
    """A template is no longer as the caller saw it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The template {name} changed meanwhile; read it again, then change it.")


class CheckpointMoved(Conflict):
    """Another run of the same source stored its batch first."""


class TransitionNotAllowed(Conflict):
    """An alert cannot go from its status to the one asked for."""

    def __init__(self, reference: str, here: str, there: str) -> None:
        super().__init__(f"Alert {reference} is {here}; it cannot become {there}.")


class PlatformFailed(LeakwatchError):
    """A platform did not do what it was asked."""


class NotAllowed(LeakwatchError):
    """The caller's role does not permit this."""


class TooMany(LeakwatchError):
    """The caller asked for more than a time allows."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds until it may be tried again."""
