"""Templates: the documents an organisation registered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.template import (
    EarlierPosts,
    NewTemplate,
    TemplateChange,
    TemplateDetail,
    TemplateOut,
    TemplateReport,
)
from detectors.base import DetectorError
from monitor import audit, retro
from monitor.errors import InvalidInput
from monitor.pipeline.pool import ExaminePool
from monitor.runtime import pool_limits
from monitor.storage.template import all_templates, template_named
from monitor.templates import (
    Registration,
    change_template,
    describe_template,
    examiner_config,
    learn_template,
    register_template,
)

router = APIRouter(prefix="/templates", tags=["templates"])

Name = Annotated[str, Path(max_length=100, description="The template's name.", examples=["clinic-letter"])]
MAX_FIELDS = 9
MAX_SAMPLES = 5
PICTURE = {"type": "string", "format": "binary", "description": "At most 20 MB with all others."}
TEXT = {"type": "string"}


def _upload(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


UPLOAD = _upload(
    ["name", "picture"],
    {
        "name": {"type": "string", "examples": ["clinic-letter"]},
        **dict.fromkeys(("organisation", "system", "notes"), TEXT),
        "kind": {"type": "string", "enum": ["document", "benign"]},
        "filled": {"type": "boolean"},
        "page": {"type": "integer", "description": "Of a PDF, from 1."},
        "letterhead": {"type": "string", "description": "x,y,width,height in pixels; found when left out."},
        "picture": PICTURE,
        "sample": {"type": "array", "items": PICTURE, "description": "Further filled samples."},
    },
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A template's pictures and the fields that came with them."""

    fields: NewTemplate
    pictures: tuple[bytes, ...] = field(repr=False)


async def read_upload(request: Request, _caller: Caller) -> AsyncIterator[Upload]:
    """The upload, read only after the caller was let in; large pictures go through a temporary file."""
    async with request.form(max_files=MAX_SAMPLES, max_fields=MAX_FIELDS) as form:
        first = await _picture(form)
        said = {key: value for key, value in form.items() if key not in ("picture", "sample")}
        try:
            fields = NewTemplate.model_validate(said)
        except ValidationError as error:
            raise RequestValidationError(_in_body(error)) from None
        further = [await each.read() for each in form.getlist("sample") if isinstance(each, UploadFile)]
        yield Upload(fields, (first, *further))


async def read_picture(request: Request, _caller: Caller) -> AsyncIterator[bytes]:
    """The one picture of a form."""
    async with request.form(max_files=1, max_fields=1) as form:
        yield await _picture(form)


async def _picture(form: FormData) -> bytes:
    picture = form.get("picture")
    if not isinstance(picture, UploadFile):
        raise InvalidInput("The form has no file in its field 'picture'.")
    return await picture.read()


def _in_body(error: ValidationError) -> list[dict[str, Any]]:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [{**each, "loc": ("body", *each["loc"])} for each in found]


@router.get("", openapi_extra=needs("templates:read"))
def list_templates(core: CoreDep) -> Page[TemplateOut]:
    """List all templates by name; there is one page."""
    with core.database.read() as session:
        return Page(items=[TemplateOut.of(template) for template in all_templates(session)], next=None)


@router.post(
    "",
    status_code=201,
    openapi_extra={**needs("templates:write"), **UPLOAD},
    responses=problems(409, 413),
)
def add_template(
    upload: Annotated[Upload, Depends(read_upload)], response: Response, core: CoreDep, caller: Caller
) -> TemplateOut:
    """Register a document template, best from a blank page; workers use it from the next file on."""
    fields = upload.fields
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        learning = learn_template(upload.pictures, fields.said(), pool, examiner_config(core))
    new = Registration(fields.said(), upload.pictures, learning, fields.notes, fields.system)
    with core.database.transaction() as session:
        template = register_template(session, core.blobs, new, actor=caller.name, now=core.now())
        retro.begin(core, session, template)
        audit.record(session, now=core.now(), actor=caller.name, action="template.add", item=fields.name)
        response.headers["Location"] = f"/api/v1/templates/{fields.name}"
        return TemplateOut.of(template)


@router.post(
    "/test",
    openapi_extra={**needs("templates:read"), **_upload(["picture"], {"picture": PICTURE})},
    responses=problems(413),
)
def try_picture(picture: Annotated[bytes, Depends(read_picture)], core: CoreDep) -> TemplateReport:
    """Compare a picture with every template in use; nothing of it is stored."""
    with ExaminePool(pool_limits(core.settings, workers=1)) as pool:
        try:
            return TemplateReport.of(pool.compare_templates(picture, examiner_config(core)))
        except DetectorError as error:
            raise InvalidInput(str(error)) from None


@router.get("/{name}", openapi_extra=needs("templates:read"), responses=problems(404))
def show_template(name: Name, core: CoreDep) -> TemplateDetail:
    """One template: what it was learned to be, and its history."""
    with core.database.read() as session:
        return TemplateDetail.model_validate(describe_template(session, name))


@router.get("/{name}/earlier", openapi_extra=needs("templates:read"), responses=problems(404))
def list_earlier(name: Name, core: CoreDep) -> EarlierPosts:
    """Posts of the last days that seem to show a template registered later, and how far the search is."""
    with core.database.read() as session:
        return EarlierPosts.model_validate(retro.describe(session, template_named(session, name)))


@router.patch("/{name}", openapi_extra=needs("templates:write"), responses=problems(404))
def change(name: Name, change: TemplateChange, core: CoreDep, caller: Caller) -> TemplateOut:
    """Use a template or stop using it, or change what is said of it."""
    changes = change.model_dump(exclude_unset=True)
    with core.database.transaction() as session:
        template = template_named(session, name)
        change_template(session, template, changes, actor=caller.name, now=core.now())
        action = "template.change"
        if "enabled" in change.model_fields_set:
            action = "template.enable" if change.enabled else "template.disable"
        audit.record(session, now=core.now(), actor=caller.name, action=action, item=name)
        return TemplateOut.of(template)


@router.delete("/{name}", status_code=204, openapi_extra=needs("templates:write"), responses=problems(404))
def remove_template(name: Name, core: CoreDep, caller: Caller) -> None:
    """Forget a template; what it matched before stays as it is."""
    with core.database.transaction() as session:
        session.delete(template_named(session, name))
        audit.record(session, now=core.now(), actor=caller.name, action="template.remove", item=name)
