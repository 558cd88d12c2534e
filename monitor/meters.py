"""What sources spent, beside their caps and prices: for people to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from monitor.settings import Settings
from monitor.storage.traffic import usage_since
from monitor.traffic import cap_of


@dataclass(frozen=True, slots=True)
class Spent:
    """What one source spent on one UTC day by one meter."""

    day: date
    connector: str
    source: str
    meter: str
    amount: int
    cap: int | None
    """Of all sources of the connector together; None when there is none."""
    left: int | None
    cost: float | None
    """In the currency of the setting `meter_prices`; None without a price."""


def spent_since(session: Session, settings: Settings, day: date) -> list[Spent]:
    """What was spent since a day, the newest first."""
    rows = [(usage, source) for usage, source in usage_since(session, day) if usage.amount]
    together: Counter[tuple[date, str, str]] = Counter()
    for usage, source in rows:
        together[usage.day, source.connector, usage.meter] += usage.amount
    found = []
    for usage, source in rows:
        cap = cap_of(settings, source.connector, usage.meter)
        price = settings.meter_prices.get(f"{source.connector}.{usage.meter}")
        used = together[usage.day, source.connector, usage.meter]
        found.append(
            Spent(
                day=usage.day,
                connector=source.connector,
                source=source.name,
                meter=usage.meter,
                amount=usage.amount,
                cap=cap,
                left=None if cap is None else max(0, cap - used),
                cost=None if price is None else round(price * usage.amount, 4),
            )
        )
    return found
