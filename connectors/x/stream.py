"""X's filtered stream: rules kept as the source's searches are, and the posts that they match, a line each.

Documentation: the endpoints /2/tweets/search/stream and /2/tweets/search/stream/rules. Rules belong to the
application, so ours are known by a tag; a rule that another program made for the same query is used as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import httpx

from connectors.base import ConfigurationInvalid, SourceUnavailable
from connectors.http import ApiClient
from connectors.payload import Json
from connectors.streaming import Line, shut

STREAM = "/2/tweets/search/stream"
RULES = f"{STREAM}/rules"
TAG = "leakwatch"
SILENCE_SECONDS = 40.0
"""X sends an empty line about every twenty seconds."""


def sync_rules(api: ApiClient, queries: Sequence[str]) -> dict[str, str]:
    """Make the rules be the queries; their ids, each with its query. Raises ConnectorError."""
    rules = list(Json(api.get_json(RULES), "rules").get("data").items_or_none())
    stale = [rule["id"].text() for rule in rules if _is_ours(rule) and rule["value"].text() not in queries]
    if stale:
        api.post_json(RULES, {"delete": {"ids": stale}})
    known = {rule["id"].text(): rule["value"].text() for rule in rules if rule["value"].text() in queries}
    missing = [query for query in queries if query not in known.values()]
    return known | (_added(api, missing) if missing else {})


def _added(api: ApiClient, queries: Sequence[str]) -> dict[str, str]:
    body = {"add": [{"value": query, "tag": TAG} for query in queries]}
    answer = Json(api.post_json(RULES, body), "rules")
    made = {rule["id"].text(): rule["value"].text() for rule in answer.get("data").items_or_none()}
    lacking = [query for query in queries if query not in made.values()]
    if lacking:
        titles = [error.get("title").text_or() for error in answer.get("errors").items_or_none()]
        why = next(filter(None, titles), "no reason given")
        raise ConfigurationInvalid(f"X takes no rule for the search {lacking[0]!r} ({why}).")
    return made


def _is_ours(rule: Json) -> bool:
    return rule.get("tag").text_or() == TAG


def open_stream(api: ApiClient, fields: Mapping[str, str]) -> Line[Json]:
    """The posts that the rules match, from now on. Raises ConnectorError."""
    response = api.open(STREAM, fields, accept="application/json", silence=SILENCE_SECONDS)
    return Line(_events(response), lambda: shut(response))


def _events(response: httpx.Response) -> Iterator[Json]:
    try:
        yield from filter(None, map(parse_line, response.iter_lines()))
    except httpx.HTTPError as error:
        raise SourceUnavailable("X's stream broke off.") from error
    finally:
        response.close()


def parse_line(line: str) -> Json | None:
    """A post with what belongs to it, in the form of a page; None for a sign of life.

    Raises SourceUnavailable for X's word that it hangs up, or for a line that is no JSON.
    """
    if not line.strip():
        return None
    try:
        event = Json(json.loads(line), "event")
    except (ValueError, RecursionError) as error:
        raise SourceUnavailable("X's stream broke off within a post.") from error
    if event.get("data"):
        return Json({**event.value, "data": [event["data"].value]}, "event")
    titles = [error.get("title").text_or() for error in event.get("errors").items_or_none()]
    raise SourceUnavailable(f"X ended the stream ({next(filter(None, titles), 'no reason given')}).")
