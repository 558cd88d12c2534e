"""`leakwatch report`: tell of a leak that somebody saw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.access import operator
from monitor.cli.context import open_core
from monitor.cli.output import AsJson, out, print_json
from monitor.errors import InvalidInput


def report(
    what: Annotated[list[str], typer.Argument(help="The post's address, screenshots of it, or both.")],
    note: Annotated[str, typer.Option(help="What you know of it; kept sealed.")] = "",
    who: Annotated[str, typer.Option(help="Who saw it, and how to reach them.")] = "",
    as_json: AsJson = False,
) -> None:
    """Report a post that seems to leak a record; it is looked at before everything else.

    Example: leakwatch report https://www.reddit.com/r/example/comments/abc123/ shot.png --note 'from ward 7'
    """
    from monitor.reports import NewReport, submit

    files, urls = (
        [each for each in what if Path(each).exists()],
        [each for each in what if not Path(each).exists()],
    )
    if len(urls) > 1:
        raise InvalidInput(
            "One report is of one address; the others are neither files nor the first address."
        )
    core = open_core()
    new = NewReport(urls[0] if urls else None, note, who, tuple(map(_read, files)))
    receipt = submit(core, new, actor=operator())
    if as_json:
        document = {"reference": receipt.reference, "standing": receipt.standing, "new": receipt.new}
        print_json(document | {"received_at": receipt.received_at})
        return
    again = "" if receipt.new else " It had been reported before."
    out.print(f"{receipt.reference}: {receipt.standing.replace('_', ' ')}.{again}", highlight=False)


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InvalidInput(f"The file {name} cannot be read: {error.strerror}.") from None
