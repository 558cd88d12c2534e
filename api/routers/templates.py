"""Templates: the documents an organisation registered."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.auth.keys import Caller, needs
from api.deps import CoreDep
from api.etags import IfMatch, etag, versions_in
from api.pagination import decode_id, page
from api.routers.responses import problems
from api.schemas.base import Page
from api.schemas.query import PageQuery
from api.schemas.template import EarlierPosts, TemplateChange, TemplateDetail, TemplateOut, TemplateReport
from api.template_forms import (
    Upload,
    compare,
    learn,
    read_form,
    read_picture,
    register,
    registered,
    remove,
)
from monitor import audit, retro
from monitor.storage.template import Template, template_named, templates_after
from monitor.templates import change_template, describe_template

router = APIRouter(prefix="/templates", tags=["templates"])

Name = Annotated[str, Path(max_length=100, description="The template's name.", examples=["clinic-letter"])]
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


async def upload_of(request: Request, _caller: Caller) -> Upload:
    """The upload, read only after the caller was let in."""
    try:
        return (await read_form(request)).upload()
    except ValidationError as error:
        raise RequestValidationError(_in_body(error)) from None


async def picture_of(request: Request, _caller: Caller) -> bytes:
    """The one picture of a form."""
    picture, _ = await read_picture(request)
    return picture


def _in_body(error: ValidationError) -> list[dict[str, Any]]:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [{**each, "loc": ("body", *each["loc"])} for each in found]


@router.get("", openapi_extra=needs("templates:read"))
def list_templates(
    request: Request, core: CoreDep, query: Annotated[PageQuery, Query()]
) -> Page[TemplateOut]:
    """List templates, the first registered first."""
    with core.database.read() as session:
        templates = templates_after(session, decode_id(query.cursor), query.limit + 1)
    return page(request, templates, query.limit, lambda template: template.id, TemplateOut.of)


@router.post(
    "",
    status_code=201,
    openapi_extra={**needs("templates:write"), **UPLOAD},
    responses={
        **problems(409, 413, 429),
        200: {"model": TemplateOut, "description": "The same form registered it before."},
    },
)
def add_template(
    upload: Annotated[Upload, Depends(upload_of)], response: Response, core: CoreDep, caller: Caller
) -> TemplateOut:
    """Register a document template, best from a blank page; workers use it from the next file on.

    The same pictures with the same fields again are the same template.
    """
    template = registered(core, upload)
    if template is not None:
        response.status_code = 200
    else:
        template = register(core, upload, learn(core, upload), actor=caller.name)
    response.headers["Location"] = f"/api/v1/templates/{quote(template.name)}"
    return _answer(template, response)


@router.post(
    "/test",
    openapi_extra={**needs("templates:read"), **_upload(["picture"], {"picture": PICTURE})},
    responses=problems(413, 429),
)
def try_picture(picture: Annotated[bytes, Depends(picture_of)], core: CoreDep) -> TemplateReport:
    """Compare a picture with every template in use; nothing of it is stored."""
    return TemplateReport.of(compare(core, picture))


@router.get("/{name}", openapi_extra=needs("templates:read"), responses=problems(404))
def show_template(name: Name, response: Response, core: CoreDep) -> TemplateDetail:
    """One template: what it was learned to be, and its history."""
    with core.database.read() as session:
        template = TemplateDetail.model_validate(describe_template(session, name))
    response.headers["ETag"] = etag(template.version)
    return template


@router.get("/{name}/earlier", openapi_extra=needs("templates:read"), responses=problems(404))
def list_earlier(name: Name, core: CoreDep) -> EarlierPosts:
    """Posts of the last days that seem to show a template registered later, and how far the search is."""
    with core.database.read() as session:
        return EarlierPosts.model_validate(retro.describe(session, template_named(session, name)))


@router.patch("/{name}", openapi_extra=needs("templates:write"), responses=problems(404, 412))
def change(
    *,
    name: Name,
    change: TemplateChange,
    response: Response,
    core: CoreDep,
    caller: Caller,
    if_match: IfMatch = None,
) -> TemplateOut:
    """Use a template or stop using it, or change what is said of it; what is so already is no change."""
    changes, versions = change.model_dump(exclude_unset=True), versions_in(if_match)
    with core.database.transaction() as session:
        template = change_template(
            session, name, changes, actor=caller.name, now=core.now(), versions=versions
        )
        action = "template.change"
        if "enabled" in change.model_fields_set:
            action = "template.enable" if change.enabled else "template.disable"
        audit.record(session, now=core.now(), actor=caller.name, action=action, item=name)
    return _answer(template, response)


@router.delete("/{name}", status_code=204, openapi_extra=needs("templates:write"), responses=problems(404))
def remove_template(name: Name, core: CoreDep, caller: Caller) -> None:
    """Forget a template and its pictures; what it matched before stays as it is."""
    remove(core, name, actor=caller.name)


def _answer(template: Template, response: Response) -> TemplateOut:
    response.headers["ETag"] = etag(template.version)
    return TemplateOut.of(template)
