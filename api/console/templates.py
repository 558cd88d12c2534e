"""The console's pages of document templates: the list, one template, registering, trying a picture."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api import template_forms
from api.auth.browser import Visitor, check_token, require_own_form, require_same_site, visitor_with
from api.console.rendering import POLICY, page
from api.deps import CoreDep
from api.schemas.template import NewTemplate
from api.template_forms import Upload
from detectors.templates.base import RANGES
from detectors.templates.overlay import coarse_picture
from detectors.templates.packing import unpack
from detectors.templates.report import Learning
from monitor import audit, retro
from monitor.core import Core
from monitor.errors import Conflict, InvalidInput, NotFound, TooMany
from monitor.storage.template import all_templates, template_named
from monitor.templates import change_template, describe_template

WITH_PICTURES = POLICY.replace("img-src 'self'", "img-src 'self' blob: data:") + "; script-src 'self'"
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
NOTICES = {
    "added": "The template is registered. Running workers use it from the next file on.",
    "on": "Pictures are compared with the template again.",
    "off": "Pictures are no longer compared with the template.",
    "changed": "The change is kept.",
    "removed": "The template and its pictures are removed.",
}
_EMPTY = {**dict.fromkeys(NewTemplate.model_fields), "kind": "document", "page": 1}

router = APIRouter()

Name = Annotated[str, Path(max_length=100)]
Reader = Annotated[Visitor, Depends(visitor_with("templates:read"))]
Writer = Annotated[Visitor, Depends(visitor_with("templates:write"))]
OURS = [Depends(require_same_site), Depends(require_own_form)]


@router.get("/templates")
def show_list(core: CoreDep, visitor: Reader, notice: Annotated[str, Query(max_length=16)] = "") -> Response:
    """All templates by name, and the form to try a picture."""
    return _list(core, visitor, notice=NOTICES.get(notice))


@router.post("/templates/test", dependencies=[Depends(require_same_site)])
async def try_picture(request: Request, core: CoreDep, visitor: Reader) -> Response:
    """How a picture compares with every template in use."""
    picture, token = await template_forms.read_picture(request)
    check_token(visitor, token)
    try:
        report = await run_in_threadpool(template_forms.compare, core, picture)
    except (InvalidInput, TooMany) as error:
        return await run_in_threadpool(_list, core, visitor, problem=str(error))
    overlay = _data(report.overlay, "image/png") if report.overlay else None
    headers = {"Content-Security-Policy": WITH_PICTURES}
    return page(
        "template_report.html", headers=headers, visitor=visitor, matches=report.matches, overlay=overlay
    )


@router.get("/templates/new")
def show_form(visitor: Writer) -> Response:
    """The empty form."""
    return _form(visitor, _EMPTY)


@router.post("/templates/new", dependencies=[Depends(require_same_site)])
async def add(request: Request, core: CoreDep, visitor: Writer) -> Response:
    """Show what the template would be learned as, or register it; or the form again with what is wrong."""
    said: Mapping[str, Any] = _EMPTY
    try:
        form = await template_forms.read_form(request)
        check_token(visitor, form.token)
        said = _EMPTY | {key: value for key, value in form.said.items() if key in _EMPTY}
        upload = form.upload()
        known = await run_in_threadpool(template_forms.registered, core, upload)
        learning = None if known else await run_in_threadpool(template_forms.learn, core, upload)
        if learning and form.wish != "register":
            return _form(visitor, said, shown=_shown(learning))
        if learning:
            await run_in_threadpool(_register, core, upload, learning, visitor)
    except ValidationError as error:
        return _form(visitor, said, problem=template_forms.sentence(error))
    except (InvalidInput, Conflict, TooMany) as error:
        return _form(visitor, said, problem=str(error))
    return RedirectResponse(f"/templates/{quote(upload.fields.name)}?notice=added", status_code=303)


@router.get("/templates/{name}")
def show(
    name: Name, core: CoreDep, visitor: Reader, notice: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    """One template: its print, what was learned, its look back and its history."""
    with core.database.read() as session:
        template = describe_template(session, name)
        earlier = retro.describe(session, template_named(session, name))
    return page(
        "template.html",
        visitor=visitor,
        known=template,
        ranges=RANGES,
        earlier=earlier,
        notice=NOTICES.get(notice),
    )


@router.get("/templates/{name}/picture")
def show_picture(name: Name, core: CoreDep, _visitor: Reader) -> Response:
    """The template's layout, too coarse to be read: a patient may stand on the page it was learned from."""
    with core.database.read() as session:
        packed = template_named(session, name).packed
    if packed is None:
        raise NotFound("picture of template", name)
    headers = {"Content-Security-Policy": PICTURE_POLICY, "Cache-Control": "private, no-store"}
    return Response(coarse_picture(unpack(packed)), media_type="image/webp", headers=headers)


@router.post("/templates/{name}/enabled", dependencies=OURS)
def enable(name: Name, core: CoreDep, visitor: Writer, enabled: Annotated[bool, Form()]) -> Response:
    """Use a template, or stop using it."""
    action = "template.enable" if enabled else "template.disable"
    _change(core, visitor, name, {"enabled": enabled}, action)
    return _back(name, "on" if enabled else "off")


@router.post("/templates/{name}/facts", dependencies=OURS)
def change(
    *,
    name: Name,
    core: CoreDep,
    visitor: Writer,
    kind: Annotated[Literal["document", "benign"], Form()],
    organisation: Annotated[str, Form(max_length=255)] = "",
    system: Annotated[str, Form(max_length=255)] = "",
    notes: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Change what is said of a template."""
    changes = {"kind": kind, "organisation": organisation, "system": system, "notes": notes}
    _change(core, visitor, name, changes, "template.change")
    return _back(name, "changed")


@router.post("/templates/{name}/thresholds", dependencies=OURS)
def change_thresholds(
    *,
    name: Name,
    core: CoreDep,
    visitor: Writer,
    pdq: Annotated[int, Form()],
    phash: Annotated[int, Form()],
    inliers: Annotated[int, Form()],
    tiles: Annotated[int, Form()],
    words: Annotated[int, Form()],
) -> Response:
    """Change what a match with a template needs."""
    thresholds = {"pdq": pdq, "phash": phash, "inliers": inliers, "tiles": tiles, "words": words}
    _change(core, visitor, name, {"thresholds": thresholds}, "template.change")
    return _back(name, "changed")


@router.post("/templates/{name}/removal", dependencies=OURS)
def remove(name: Name, core: CoreDep, visitor: Writer) -> Response:
    """Forget a template and its pictures."""
    template_forms.remove(core, name, actor=visitor.principal.name)
    return RedirectResponse("/templates?notice=removed", status_code=303)


def _list(core: Core, visitor: Visitor, *, notice: str | None = None, problem: str = "") -> Response:
    with core.database.read() as session:
        templates = all_templates(session)
    status = 422 if problem else 200
    return page(
        "templates.html",
        status=status,
        visitor=visitor,
        templates=templates,
        notice=notice,
        problem=problem,
    )


def _register(core: Core, upload: Upload, learning: Learning, visitor: Visitor) -> None:
    template_forms.register(core, upload, learning, actor=visitor.principal.name)


def _change(core: Core, visitor: Visitor, name: str, changes: dict[str, Any], action: str) -> None:
    actor, now = visitor.principal.name, core.now()
    with core.database.transaction() as session:
        change_template(session, name, changes, actor=actor, now=now)
        audit.record(session, now=now, actor=actor, action=action, item=name)


def _shown(learning: Learning) -> dict[str, Any]:
    """What a template was learned as, for the form's page."""
    learned = unpack(learning.packed)
    return {
        "picture": _data(learned.picture, "image/webp"),
        "size": learned.facts.size,
        "letterhead": learned.facts.letterhead,
        "words": learned.facts.words,
        "warnings": learning.warnings,
    }


def _form(
    visitor: Visitor, said: Mapping[str, Any], *, problem: str = "", shown: Mapping[str, Any] | None = None
) -> Response:
    return page(
        "template_new.html",
        status=422 if problem else 200,
        headers={"Content-Security-Policy": WITH_PICTURES},
        visitor=visitor,
        said={key: "" if value is None else value for key, value in said.items()},
        problem=problem,
        shown=shown,
    )


def _data(picture: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(picture).decode()}"


def _back(name: str, notice: str) -> Response:
    return RedirectResponse(f"/templates/{quote(name)}?notice={notice}", status_code=303)
