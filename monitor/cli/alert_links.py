"""`leakwatch alert related|same|different|harmless`: alerts of one matter, copies, harmless pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json, print_table

if TYPE_CHECKING:
    from monitor.storage.known_image import Answer

Reference = Annotated[str, typer.Argument(help="The alert, such as LW-2026-000123.")]
Other = Annotated[str, typer.Argument(help="The other alert.")]


def show_related(reference: Reference, as_json: AsJson = False) -> None:
    """Show the alerts that concern the same matter, and why; and open questions about copies.

    Example: leakwatch alert related LW-2026-000123
    """
    from monitor.reposts.links import related
    from monitor.storage.alert import get_alert

    core = open_core()
    with core.database.read() as session:
        links = related(session, get_alert(session, reference))
        rows = [
            {
                "reference": link.alert.reference,
                "status": link.alert.status,
                "reasons": list(link.reasons),
                "question": link.question.why if link.question else None,
                "answer": link.question.answer if link.question else None,
            }
            for link in links
        ]
    if as_json:
        print_json(rows)
        return
    cells = [
        [r["reference"], r["status"], ", ".join(r["reasons"] or []), r["question"], r["answer"]] for r in rows
    ]
    print_table(["Alert", "Status", "Linked by", "Is it a copy?", "Answer"], cells)


def same(reference: Reference, other: Other) -> None:
    """Say that two alerts are copies of one record: the newer becomes part of the older.

    Example: leakwatch alert same LW-2026-000123 LW-2026-000119
    """
    _answer(reference, other, "same")


def different(reference: Reference, other: Other) -> None:
    """Say that two alerts are different matters; they are not asked about again, and parted if merged.

    Example: leakwatch alert different LW-2026-000123 LW-2026-000119
    """
    _answer(reference, other, "different")


def harmless(as_json: AsJson = False) -> None:
    """List the pictures that people said harm nobody, and how often they were passed over since.

    Example: leakwatch alert harmless
    """
    from monitor.reposts.known import benign_images

    core = open_core()
    names = ("sha256", "alert", "suppressed", "last_suppressed_at")
    with core.database.read() as session:
        found = [
            (image.blob_sha256, alert.reference, image.suppressed, image.last_suppressed_at)
            for image, alert in benign_images(session)
        ]
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in found])
    else:
        print_table(["Picture (SHA-256)", "Alert", "Passed over", "Last"], found)


def _answer(reference: str, other: str, said: Answer) -> None:
    from monitor.reposts.answers import answer
    from monitor.storage.alert import get_alert

    core = open_core()
    with core.database.transaction() as session:
        pair = get_alert(session, reference), get_alert(session, other)
        answer(session, *pair, said, actor=operator(), now=core.now())
    out.print(
        f"{reference} and {other} are {'one record' if said == 'same' else 'different'}.", highlight=False
    )
