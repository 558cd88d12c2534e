"""Pages from templates: escaped always, with a policy that lets nothing run and nothing leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from api.console import words
from monitor import __version__

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
LONDON = ZoneInfo("Europe/London")


def page(
    template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """A page of the console."""
    text = _environment.get_template(template).render(**{"visitor": None, **context})
    return HTMLResponse(text, status, {"Content-Security-Policy": POLICY, **(headers or {})})


def when(moment: datetime | None) -> Markup:
    """A time for people: as clocks in the UK show it, with UTC in the tooltip."""
    if moment is None:
        return Markup('<span class="quiet">unknown</span>')
    local, utc = moment.astimezone(LONDON), moment.astimezone(UTC)
    shown = f"{local.day} {local:%b %Y, %H:%M %Z}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M:%S}", shown
    )


def outward(url: str | None) -> bool:
    """Whether an address may become a link: web pages only, never a script or a local file."""
    return bool(url) and urlsplit(url).scheme in ("http", "https")


def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        when=when,
        severity=words.severity,
        status=words.status,
        leak_class=words.leak_class,
        document=words.document,
        kind=words.finding_kind,
        masked=words.masked,
        evidence=words.evidence_kind,
        event=words.event,
        because=words.because,
        link_reason=words.link_reason,
        availability=words.availability,
        platform=words.platform,
        standing=words.standing,
        threshold=words.threshold,
    )
    environment.globals.update(version=__version__)
    environment.tests.update(outward=outward)
    return environment


_environment = _make_environment()
