"""What both doors, API and console, do with templates: read a form with pictures, try it, register it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.schemas.template import NewTemplate
from detectors.base import DetectorError
from detectors.templates.report import Comparison, Learning
from monitor import audit, retro
from monitor.core import Core
from monitor.errors import InvalidInput, TooMany
from monitor.pipeline.pool import ExaminePool
from monitor.runtime import pool_limits
from monitor.storage.template import Template
from monitor.template_learning import learn_template
from monitor.templates import (
    Registration,
    examiner_config,
    find_registered,
    register_template,
    remove_template,
)

MAX_FIELDS = 11
MAX_FILES = 5
_AT_WORK, _PATIENCE = BoundedSemaphore(2), 20.0
"""Pictures that are learned or compared at a time, and the seconds that another waits for its turn."""
_OTHER_FIELDS = ("picture", "sample", "csrf", "do")


@dataclass(frozen=True, slots=True)
class Upload:
    """A template's pictures and the fields that came with them."""

    fields: NewTemplate
    pictures: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it was sent; `token` and `wish` are the console's."""

    said: dict[str, Any]
    pictures: tuple[bytes, ...] = field(repr=False)
    token: str = ""
    wish: str = ""

    def upload(self) -> Upload:
        """Its fields, checked. Raises ValidationError."""
        return Upload(NewTemplate.model_validate(self.said), self.pictures)


async def read_form(request: Request) -> SentForm:
    """The form; large pictures go through a temporary file. Raises InvalidInput."""
    async with _form_of(request, MAX_FILES, MAX_FIELDS) as form:
        first = await _picture(form)
        said = {key: value for key, value in form.items() if key not in _OTHER_FIELDS and value != ""}
        further = [await each.read() for each in form.getlist("sample") if isinstance(each, UploadFile)]
        pictures = (first, *(data for data in further if data))
        return SentForm(said, pictures, _text(form, "csrf"), _text(form, "do"))


async def read_picture(request: Request) -> tuple[bytes, str]:
    """The one picture of a form, and the form's own token if it has one. Raises InvalidInput."""
    async with _form_of(request, files=1, fields=2) as form:
        return await _picture(form), _text(form, "csrf")


def sentence(error: ValidationError) -> str:
    """What is wrong with the fields, for people."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = " ".join(str(part) for part in first["loc"]) or "form"
    return f"The field {name}: {first['msg'].removeprefix('Value error, ').removesuffix('.')}."


@contextmanager
def _worker(core: Core) -> Iterator[ExaminePool]:
    """A worker process of its own: few at a time, for each takes memory. Raises TooMany."""
    if not _AT_WORK.acquire(timeout=_PATIENCE):
        raise TooMany("Other pictures are being compared; try again in a moment.", retry_after=_PATIENCE)
    try:
        with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
            yield pool
    finally:
        _AT_WORK.release()


def registered(core: Core, upload: Upload) -> Template | None:
    """The template that the same form registered before, if it did. Raises Conflict."""
    fields = upload.fields
    with core.database.read() as session:
        return find_registered(session, fields.said(), upload.pictures, fields.notes, fields.system)


def learn(core: Core, upload: Upload) -> Learning:
    """What a template would be learned as, without keeping it. Raises InvalidInput, TooMany."""
    with _worker(core) as pool:
        return learn_template(upload.pictures, upload.fields.said(), pool, examiner_config(core))


def register(core: Core, upload: Upload, learning: Learning, *, actor: str) -> Template:
    """Keep a template, and let earlier pages be compared with it. Raises Conflict."""
    fields, now = upload.fields, core.now()
    new = Registration(fields.said(), upload.pictures, learning, fields.notes, fields.system)
    with core.database.transaction() as session:
        template = register_template(session, core.blobs, new, actor=actor, now=now)
        retro.begin(core, session, template)
        audit.record(session, now=now, actor=actor, action="template.add", item=fields.name)
        return template


def remove(core: Core, name: str, *, actor: str) -> None:
    """Forget a template and its pictures. Raises NotFound."""
    with core.database.transaction() as session:
        gone = remove_template(session, core.blobs, name, core.now())
        audit.record(session, now=core.now(), actor=actor, action="template.remove", item=name)
    for each in gone:
        core.blobs.remove(each)


def compare(core: Core, picture: bytes) -> Comparison:
    """How a picture compares with every template in use; nothing of it is stored.

    Raises InvalidInput, TooMany.
    """
    with _worker(core) as pool:
        try:
            return pool.compare_templates(picture, examiner_config(core))
        except DetectorError as error:
            raise InvalidInput(str(error)) from None


@asynccontextmanager
async def _form_of(request: Request, files: int, fields: int) -> AsyncIterator[FormData]:
    try:
        form = await request.form(max_files=files, max_fields=fields)
    except HTTPException:
        what = f"at most {files} file{'s' * (files > 1)} and {fields} other fields, as multipart/form-data"
        raise InvalidInput(f"The form cannot be read; send {what}.") from None
    try:
        yield form
    finally:
        await form.close()


async def _picture(form: FormData) -> bytes:
    picture = form.get("picture")
    data = await picture.read() if isinstance(picture, UploadFile) else b""
    if not data:
        raise InvalidInput("The form has no file in its field 'picture'.")
    return data


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
