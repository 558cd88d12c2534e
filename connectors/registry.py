"""The table of connectors, and the reading of a source's settings against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from connectors import folder
from connectors.base import ConfigurationInvalid, Connector
from connectors.bluesky import connector as bluesky
from connectors.boards import connector as boards
from connectors.discord import connector as discord
from connectors.gists import connector as gists
from connectors.kind import ConnectorContext, ConnectorKind, Settings
from connectors.lemmy import connector as lemmy
from connectors.mailbox import connector as mailbox
from connectors.mastodon import connector as mastodon
from connectors.meta import facebook, instagram
from connectors.pastes import connector as pastes
from connectors.reddit import connector as reddit
from connectors.rss import connector as rss
from connectors.telegram import connector as telegram
from connectors.tiktok import connector as tiktok
from connectors.tumblr import connector as tumblr
from connectors.web import connector as web
from connectors.x import connector as x
from connectors.youtube import connector as youtube

__all__ = [
    "CONNECTORS",
    "ConnectorContext",
    "ConnectorKind",
    "build",
    "find_kind",
    "parse_config",
    "parse_credentials",
    "table",
]


def table(kinds: Iterable[ConnectorKind]) -> dict[str, ConnectorKind]:
    """The kinds by name. Raises ValueError when two have the same name."""
    by_name: dict[str, ConnectorKind] = {}
    for kind in kinds:
        if kind.name in by_name:
            raise ValueError(f"two connectors are called {kind.name!r}")
        by_name[kind.name] = kind
    return by_name


CONNECTORS: dict[str, ConnectorKind] = table(
    [
        bluesky.KIND,
        boards.KIND,
        discord.KIND,
        facebook.KIND,
        folder.KIND,
        gists.KIND,
        instagram.KIND,
        lemmy.KIND,
        mailbox.KIND,
        mastodon.KIND,
        pastes.KIND,
        reddit.KIND,
        rss.KIND,
        telegram.KIND,
        tiktok.KIND,
        tumblr.KIND,
        web.KIND,
        x.KIND,
        youtube.KIND,
    ]
)


def find_kind(name: str) -> ConnectorKind:
    """The connector called `name`. Raises ConfigurationInvalid with the nearest name there is."""
    if name not in CONNECTORS:
        known = ", ".join(sorted(CONNECTORS))
        raise ConfigurationInvalid(
            f"There is no connector {name!r}{_nearest(name, CONNECTORS)}; known: {known}."
        )
    return CONNECTORS[name]


def parse_config(kind_name: str, settings: Mapping[str, Any]) -> Settings:
    """A source's settings, checked. Raises ConfigurationInvalid: the field, what is wrong, a near name."""
    return _parse(f"{kind_name} source", find_kind(kind_name).config, settings)


def parse_credentials(kind_name: str, credentials: Mapping[str, Any] | None) -> Settings | None:
    """A source's credentials, checked; None when there are none, which its connector may then refuse.

    Raises ConfigurationInvalid; no message repeats a value.
    """
    model = find_kind(kind_name).credentials
    if credentials is None:
        return None
    if model is not None:
        return _parse(f"{kind_name} credentials", model, credentials)
    if credentials:
        raise ConfigurationInvalid(f"A {kind_name} source takes no credentials; remove them.")
    return None


def build(
    kind_name: str,
    settings: Mapping[str, Any],
    credentials: Mapping[str, Any] | None,
    context: ConnectorContext,
) -> Connector:
    """A connector that is ready, from a source's stored settings. Raises ConnectorError."""
    config = parse_config(kind_name, settings)
    return find_kind(kind_name).build(config, parse_credentials(kind_name, credentials), context)


def _parse(what: str, model: type[Settings], values: Mapping[str, Any]) -> Settings:
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise ConfigurationInvalid(f"{what}: {_sentence(model, error)}") from None


def _sentence(model: type[BaseModel], error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    *parents, name = first["loc"] or ("settings",)
    path = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        fields = _model_at(model, parents).model_fields
        return f"{path} is not a setting{_nearest(str(name), fields)}; known: {', '.join(fields)}."
    if first["type"] == "missing":
        return f"{path} is missing."
    message = first["msg"].removeprefix("Value error, ")
    return f"{path}: " * bool(path) + f"{message[:1].lower()}{message[1:]}."


def _model_at(model: type[BaseModel], path: Iterable[int | str]) -> type[BaseModel]:
    """The model that `path` leads to, through lists and tuples of models."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
