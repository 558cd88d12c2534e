"""A report as both doors read it: a form with fields and files, bounded before it is taken apart."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from monitor.errors import InvalidInput
from monitor.reports import MAX_FILES, NewReport

FIELDS = frozenset({"url", "note", "who", "screenshot", "csrf"})
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def read_report(request: Request) -> tuple[NewReport, str]:
    """The report in a form, and the form's own token if it has one. Raises InvalidInput, HTTPException."""
    if not request.headers.get("content-type", "").lower().startswith(FORMS):
        raise InvalidInput("Send a form: multipart/form-data with 'url', 'note', 'who' and 'screenshot'.")
    async with request.form(max_files=MAX_FILES + 1, max_fields=len(FIELDS)) as form:
        if form.keys() - FIELDS:
            raise InvalidInput(
                f"The form holds a field that is not known; known: {', '.join(sorted(FIELDS))}."
            )
        files = [await each.read() for each in form.getlist("screenshot") if isinstance(each, UploadFile)]
        url, note, who, token = (_text(form, name) for name in ("url", "note", "who", "csrf"))
        return NewReport(url or None, note, who, tuple(data for data in files if data)), token


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f"The form's field '{name}' is a file where text belongs.")
    return value
