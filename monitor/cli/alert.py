"""`leakwatch alert`: what is put before people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from monitor.cli import alert_links
from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.core import Core
    from monitor.details import AlertDetail
    from monitor.storage.alert import AlertStatus

app = typer.Typer(help="Alerts.", no_args_is_help=True)

app.command("related")(alert_links.show_related)
app.command("same")(alert_links.same)
app.command("different")(alert_links.different)
app.command("harmless")(alert_links.harmless)

Reference = Annotated[str, typer.Argument(help="The alert, such as LW-2026-000123.")]
Note = Annotated[str | None, typer.Option(help="Why; kept in the alert's history.")]

COLUMNS = (
    "reference",
    "severity",
    "score",
    "status",
    "leak_class",
    "doc_type",
    "platform",
    "author",
    "raised_at",
)


@app.command("list")
def list_alerts(
    status: Annotated[list[str] | None, typer.Option(help="Only these statuses. Repeatable.")] = None,
    severity: Annotated[list[str] | None, typer.Option(help="Only these severities. Repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first.

    Example: leakwatch alert list --status new --severity critical
    """

    core = open_core()
    rows = alert_rows(core, status=status or (), severity=severity or (), limit=limit)
    if as_json:
        print_json(rows)
    else:
        print_alerts(rows)


def alert_rows(
    core: Core, *, status: Iterable[str] = (), severity: Iterable[str] = (), limit: int
) -> list[dict[str, Any]]:
    """Alerts as flat documents, for tables and JSON."""
    from monitor.alerts import severities_named, statuses_named
    from monitor.storage.alert import find_alerts, seen_in

    with core.database.read() as session:
        found = find_alerts(
            session, status=statuses_named(status), severity=severities_named(severity), limit=limit
        )
        seen = seen_in(session, [alert.id for alert in found])
        rows = []
        for alert in found:
            post = seen[alert.id].first
            row = {column: getattr(alert, column, None) for column in COLUMNS}
            row |= {"score": round(alert.score, 2), "platform": post and post.platform}
            rows.append(row | {"author": post and post.author_handle})
        return rows


def print_alerts(rows: list[dict[str, Any]]) -> None:
    """Alerts as a table."""
    columns = ["Alert", "Severity", "Score", "Status", "What", "Author", "Raised"]
    print_table(columns, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[Any]:
    what = row["doc_type"] or row["leak_class"]
    facts = [row["reference"], row["severity"], f"{row['score']:.2f}", row["status"], what.replace("_", " ")]
    return [*facts, row["author"], row["raised_at"]]


@app.command("show")
def show(reference: Reference, as_json: AsJson = False) -> None:
    """Show an alert: reasons, posts, findings (masked), evidence, history.

    Example: leakwatch alert show LW-2026-000123
    """
    from monitor.bundles import alert_document, finding_document
    from monitor.details import MOST_SHOWN, alert_detail
    from monitor.storage.alert import get_alert

    core = open_core()
    with core.database.read() as session:
        detail = alert_detail(session, get_alert(session, reference), MOST_SHOWN)
        if as_json:
            findings = [finding_document(finding) for finding in detail.findings]
            print_json(alert_document(detail) | {"findings": findings})
        else:
            _print_detail(detail)


def _print_detail(detail: AlertDetail) -> None:
    alert = detail.alert
    facts = [alert.reference, alert.severity, f"score {alert.score:.2f}", alert.status, alert.leak_class]
    out.print(" · ".join([*facts, alert.doc_type or "document unknown"]), highlight=False)
    for reason in alert.reasons:
        out.print(f"  - {reason}", highlight=False)
    posts = [
        [
            s.post.platform,
            s.post.author_handle,
            s.post.posted_at,
            s.reason,
            s.checks[0].verdict if s.checks else None,
            s.post.id,
            s.post.url,
        ]
        for s in detail.posts
    ]
    print_table(["Platform", "Author", "Posted", "Seen as", "Shown", "Id", "URL"], posts)
    if detail.seen.posts > len(posts):
        out.print(f"The first and the newest of {detail.seen.posts:,} posts are shown.", highlight=False)
    findings = [[f.kind, f.masked, f"{f.score:.2f}", f.why] for f in detail.findings]
    print_table(["Finding", "Masked", "Score", "Why"], findings)
    evidence = [[e.kind, e.blob_sha256, e.sealed_at] for e in detail.evidence]
    print_table(["Evidence", "SHA-256", "Sealed"], evidence)
    events = [[e.at, e.actor, e.action, e.note] for e in detail.events]
    print_table(["When", "Who", "What", "Note"], events)


@app.command("confirm")
def confirm(reference: Reference, note: Note = None) -> None:
    """Say that an alert is a leak.

    Example: leakwatch alert confirm LW-2026-000123
    """
    _change(reference, "confirmed", note)


@app.command("dismiss")
def dismiss(
    reference: Reference,
    note: Note = None,
    harmless_picture: Annotated[
        bool, typer.Option("--harmless-picture", help="Pass over later copies of its pictures, counted.")
    ] = False,
) -> None:
    """Say that an alert is no leak; of a harmless picture also that later copies need no alert.

    Example: leakwatch alert dismiss LW-2026-000123 --note "training slide"
    """
    _change(reference, "dismissed", note, harmless_picture=harmless_picture)


@app.command("report")
def report(
    reference: Reference,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
    comment: Annotated[str | None, typer.Option(help="What the platform's moderators read.")] = None,
    category: Annotated[str | None, typer.Option(help="One of the platform's own categories.")] = None,
    post: Annotated[UUID | None, typer.Option(help="Which post; needed when there are several.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Though it was reported before.")] = False,
) -> None:
    """Report one post of an alert to its platform's moderators, once. Nothing else ever does.

    Example: leakwatch alert report LW-2026-000123 --reason "Confirmed with the ward manager"
    """
    from monitor.moderators import COMMENT, Telling, tell_platform

    core = open_core()
    telling = Telling(reason, comment or COMMENT, category, post, again)
    receipt = tell_platform(core, reference, telling, actor=operator())
    number = f" Its number there: {receipt.reference}." if receipt.reference else ""
    out.print(f"{receipt.message}{number}", highlight=False)


def _change(reference: str, status: AlertStatus, note: str | None, *, harmless_picture: bool = False) -> None:
    from monitor.alerts import change_status
    from monitor.storage.alert import get_alert

    core = open_core()
    with core.database.transaction() as session:
        alert = get_alert(session, reference)
        change_status(
            session,
            alert,
            status,
            actor=operator(),
            now=core.now(),
            note=note,
            harmless_picture=harmless_picture,
        )
    out.print(f"{reference} is {status}.", highlight=False)
