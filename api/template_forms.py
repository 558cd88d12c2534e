"""What both doors, API and console, do with templates: read a form with pictures, try it, register it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from api.schemas.template import NewTemplate
from detectors.base import DetectorError
from detectors.templates.report import Comparison, Learning
from monitor import audit, retro
from monitor.core import Core
from monitor.errors import InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.runtime import pool_limits
from monitor.storage.template import Template
from monitor.templates import Registration, examiner_config, learn_template, register_template

MAX_FIELDS = 11
MAX_SAMPLES = 5
_OTHER_FIELDS = ("picture", "sample", "csrf", "do")


@dataclass(frozen=True, slots=True)
class Upload:
    """A template's pictures and the fields that came with them; `token` and `wish` are the console's."""

    fields: NewTemplate
    pictures: tuple[bytes, ...] = field(repr=False)
    token: str = ""
    wish: str = ""


async def read_upload(request: Request) -> Upload:
    """The upload; large pictures go through a temporary file. Raises InvalidInput, ValidationError."""
    async with request.form(max_files=MAX_SAMPLES, max_fields=MAX_FIELDS) as form:
        first = await _picture(form)
        said = {key: value for key, value in form.items() if key not in _OTHER_FIELDS and value != ""}
        further = [await each.read() for each in form.getlist("sample") if isinstance(each, UploadFile)]
        pictures = (first, *(data for data in further if data))
        return Upload(NewTemplate.model_validate(said), pictures, _text(form, "csrf"), _text(form, "do"))


async def read_picture(request: Request) -> tuple[bytes, str]:
    """The one picture of a form, and the form's own token if it has one. Raises InvalidInput."""
    async with request.form(max_files=1, max_fields=2) as form:
        return await _picture(form), _text(form, "csrf")


def sentence(error: ValidationError) -> str:
    """What is wrong with the fields, for people."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    name = " ".join(str(part) for part in first["loc"]) or "form"
    return f"The field {name}: {first['msg'].removeprefix('Value error, ')}."


def learn(core: Core, upload: Upload) -> Learning:
    """What a template would be learned as, without keeping it. Raises InvalidInput."""
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
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


def compare(core: Core, picture: bytes) -> Comparison:
    """How a picture compares with every template in use; nothing of it is stored. Raises InvalidInput."""
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        try:
            return pool.compare_templates(picture, examiner_config(core))
        except DetectorError as error:
            raise InvalidInput(str(error)) from None


async def _picture(form: FormData) -> bytes:
    picture = form.get("picture")
    data = await picture.read() if isinstance(picture, UploadFile) else b""
    if not data:
        raise InvalidInput("The form has no file in its field 'picture'.")
    return data


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
