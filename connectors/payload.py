"""Reading foreign JSON so that whatever is wrong with it is said with the path of the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.base import PayloadChanged
from connectors.text import clean_text, web_address


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON value and where it stands. Every reader raises PayloadChanged, which repeats no value."""

    value: Any
    path: str = "answer"

    def __getitem__(self, name: str) -> Json:
        """The field `name`, which must be there (null is there)."""
        if not isinstance(self.value, Mapping):
            raise PayloadChanged(self.path, "is not an object")
        if name not in self.value:
            raise PayloadChanged(f"{self.path}.{name}", "is missing")
        return Json(self.value[name], f"{self.path}.{name}")

    def get(self, name: str) -> Json:
        """The field `name`, null when it is not there."""
        value = self.value.get(name) if isinstance(self.value, Mapping) else None
        return Json(value, f"{self.path}.{name}")

    def __bool__(self) -> bool:
        """Whether there is anything: not null, not empty."""
        return bool(self.value)

    def text(self) -> str:
        """Text, storable."""
        if not isinstance(self.value, str):
            raise PayloadChanged(self.path, "is not text")
        return clean_text(self.value)

    def text_or(self, default: str = "") -> str:
        """Text, or `default` for anything else."""
        return clean_text(self.value) if isinstance(self.value, str) else default

    def address(self) -> str:
        """An address of the web, which people may be led to."""
        found = web_address(self.text())
        if found is None:
            raise PayloadChanged(self.path, "is not an address of the web")
        return found

    def integer(self) -> int:
        """A whole number, also when it is written as text."""
        try:
            if isinstance(self.value, int | str) and not isinstance(self.value, bool):
                return int(self.value)
        except ValueError:
            pass
        raise PayloadChanged(self.path, "is not a whole number")

    def items(self) -> Iterator[Json]:
        """The members of a list."""
        if not isinstance(self.value, list):
            raise PayloadChanged(self.path, "is not a list")
        return (Json(item, f"{self.path}[{place}]") for place, item in enumerate(self.value))

    def items_or_none(self) -> Iterator[Json]:
        """The members of a list; none for anything else."""
        return self.items() if isinstance(self.value, list) else iter(())

    def moment(self) -> datetime:
        """A moment in ISO 8601 as aware UTC; UTC is taken where no zone stands."""
        try:
            moment = datetime.fromisoformat(self.text())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise PayloadChanged(self.path, "is not a moment in ISO 8601") from error

    def unix_time(self) -> datetime:
        """A moment in seconds since 1970 as aware UTC."""
        try:
            return datetime.fromtimestamp(self.integer(), tz=UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise PayloadChanged(self.path, "is not a moment in seconds") from error
