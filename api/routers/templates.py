"""Templates: the documents an organisation registered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.template import NewTemplate, TemplateChange, TemplateOut
from monitor import audit
from monitor.errors import InvalidInput
from monitor.storage.template import all_templates, template_named
from monitor.templates import register_template

router = APIRouter(prefix="/templates", tags=["templates"])

Name = Annotated[str, Path(max_length=100, description="The template's name.", examples=["clinic-letter"])]
MAX_FIELDS = 3
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["name", "picture"],
                    "properties": {
                        "name": {"type": "string", "examples": ["clinic-letter"]},
                        "organisation": {"type": "string"},
                        "notes": {"type": "string"},
                        "picture": {"type": "string", "format": "binary", "description": "At most 20 MB."},
                    },
                }
            }
        },
    }
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A template's picture and the fields that came with it."""

    fields: NewTemplate
    picture: bytes = field(repr=False)


async def read_upload(request: Request, _caller: Caller) -> AsyncIterator[Upload]:
    """The upload, read only after the caller was let in; large pictures go through a temporary file."""
    async with request.form(max_files=1, max_fields=MAX_FIELDS) as form:
        picture = form.get("picture")
        if not isinstance(picture, UploadFile):
            raise InvalidInput("The form has no file in its field 'picture'.")
        try:
            fields = NewTemplate.model_validate({k: v for k, v in form.items() if k != "picture"})
        except ValidationError as error:
            raise RequestValidationError(_in_body(error)) from None
        yield Upload(fields, await picture.read())


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
    """Register a document template from its picture, best from a blank page."""
    fields = upload.fields
    with core.database.transaction() as session:
        template = register_template(
            session, core.blobs, upload.picture, **fields.model_dump(), now=core.now()
        )
        audit.record(session, now=core.now(), actor=caller.name, action="template.add", item=fields.name)
        response.headers["Location"] = f"/api/v1/templates/{fields.name}"
        return TemplateOut.of(template)


@router.patch("/{name}", openapi_extra=needs("templates:write"), responses=problems(404))
def change_template(name: Name, change: TemplateChange, core: CoreDep, caller: Caller) -> TemplateOut:
    """Use a template, or stop using it."""
    with core.database.transaction() as session:
        template = template_named(session, name)
        template.enabled = change.enabled
        action = "template.enable" if change.enabled else "template.disable"
        audit.record(session, now=core.now(), actor=caller.name, action=action, item=name)
        return TemplateOut.of(template)


@router.delete("/{name}", status_code=204, openapi_extra=needs("templates:write"), responses=problems(404))
def remove_template(name: Name, core: CoreDep, caller: Caller) -> None:
    """Forget a template; what it matched before stays as it is."""
    with core.database.transaction() as session:
        session.delete(template_named(session, name))
        audit.record(session, now=core.now(), actor=caller.name, action="template.remove", item=name)
