"""Gists as posts: pure functions over GitHub's JSON. Documentation: the REST API's endpoints for gists."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.base import Attachment, Author, Post
from connectors.payload import Json

PLATFORM = "gists"
_SHOWN = ("image/", "application/pdf", "video/")


def version_key(gist: Json) -> str:
    """The gist in one version: it is listed again after each edit."""
    return f"{gist['id'].text()} {gist['updated_at'].text()}"


def parse_gist(gist: Json, context: str) -> Post:
    """A gist with its files' contents, as far as the answer has them. Raises PayloadChanged."""
    owner = gist.get("owner")
    return Post(
        platform=PLATFORM,
        external_id=gist["id"].text(),
        url=gist["html_url"].address(),
        text="\n\n".join(_texts(gist)),
        author=_author(owner) if owner else None,
        posted_at=gist["updated_at"].moment(),
        attachments=tuple(_attachments(gist)),
        context=context,
    )


def _files(gist: Json) -> Iterator[Json]:
    """The files in the order of their names, which is how GitHub shows them."""
    files = gist["files"]
    return (files[name] for name in sorted(files.value)) if isinstance(files.value, dict) else files.items()


def _texts(gist: Json) -> Iterator[str]:
    description = gist.get("description").text_or()
    if description:
        yield description
    for file in _files(gist):
        content = "" if _is_shown(file) else file.get("content").text_or()
        yield "\n".join(part for part in (file.get("filename").text_or(), content) if part)


def _attachments(gist: Json) -> Iterator[Attachment]:
    for file in _files(gist):
        if _is_shown(file):
            yield Attachment(file["raw_url"].text(), file.get("type").text_or() or None)


def _is_shown(file: Json) -> bool:
    return file.get("type").text_or().startswith(_SHOWN)


def _author(owner: Json) -> Author:
    login = owner["login"].text()
    return Author(str(owner.get("id").value or login), login, owner.get("html_url").text_or() or None)
