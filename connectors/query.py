"""Words to look for, as queries that a platform takes. Pure.

    form         one query is                                        names             slang
    boolean      alternatives joined by `either`, as many as fit     beside context    beside context
    alternatives the same, without groups                            alone             left out
    words        one phrase                                          alone             left out
    hashtags     one tag                                             alone             left out

Order is kept and queries are filled from the front, so that a term added at the end changes only the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SHORTEST_ALONE = 5
"""Characters of a name that is searched for without any context."""
SHORTEST_TAG = 4
LONGEST_TAG = 40
_UNIT = re.compile(r'"[^"]*"|\w+')
_PLAIN = re.compile(r"\w+")


def as_it_is(query: str) -> Any:
    """For platforms whose settings take queries as text."""
    return query


@dataclass(frozen=True, slots=True)
class Grammar:
    """How one platform is asked for words."""

    field: str
    """The setting of its sources that takes the queries."""
    form: Literal["boolean", "alternatives", "words", "hashtags"]
    longest: int
    """Characters of one query."""
    either: str = " OR "
    suffix: str = ""
    """What is added to each query of ours."""
    entry: Callable[[str], Any] = as_it_is
    """A query as an entry of the setting."""
    note: str = ""
    """What a person should know of its queries' cost or reach."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is looked for. Each part in the order of its weight."""

    phrases: tuple[str, ...] = ()
    """Telling by themselves."""
    names: tuple[str, ...] = ()
    """Of organisations: better beside one of `context`."""
    slang: tuple[str, ...] = ()
    """Telling only beside one of `context`."""
    context: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """The queries of some terms, and the terms that this platform cannot be asked for."""

    queries: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def expand(terms: Terms, grammar: Grammar) -> Expansion:
    """The queries by which a platform is asked for `terms`, each once."""
    if grammar.form == "hashtags":
        return _hashtags(terms, grammar)
    room = grammar.longest - len(grammar.suffix) - 2 * bool(grammar.suffix)
    parts = (terms.phrases, terms.names, terms.slang, terms.context)
    phrases, names, slang, context = (_distinct(map(quoted, part)) for part in parts)
    if grammar.form == "boolean" and context:
        found = _joined(phrases, grammar.either, room) + _beside([*names, *slang], context, grammar, room)
    else:
        asked = [*phrases, *(name for name in names if len(name.strip('"')) >= SHORTEST_ALONE)]
        fit = [term for term in _distinct(asked) if len(term) <= room]
        found = fit if grammar.form == "words" else _joined(fit, grammar.either, room)
    left_out = _missing([*phrases, *names, *slang], found)
    return Expansion(tuple(_ended(query, grammar) for query in _distinct(found)), left_out)


def _ended(query: str, grammar: Grammar) -> str:
    """A query with what is added to all; alternatives are held together, since they bind more loosely."""
    loose = grammar.suffix and grammar.either in query and not query.startswith("(")
    return (f"({query})" if loose else query) + grammar.suffix


def _missing(terms: Iterable[str], queries: Iterable[str]) -> tuple[str, ...]:
    """The terms that stand in no query, without their quotation marks."""
    asked = {unit.casefold() for query in queries for unit in _UNIT.findall(query)}
    return tuple(term.strip('"') for term in _distinct(terms) if term.casefold() not in asked)


def quoted(term: str) -> str:
    """A term as one unit of a query: its words in quotation marks unless it is a single plain word."""
    words = " ".join(term.replace('"', " ").split())
    return words if _PLAIN.fullmatch(words) else f'"{words}"'


def hashtag(term: str) -> str:
    """A term as the tag that people write for it: "St Example's" becomes StExamples."""
    words = re.sub(r"['\u2019#]", "", term).replace("&", " and ")
    parts = re.findall(r"\w+", words)
    return "".join(part[:1].upper() + part[1:] for part in parts) if len(parts) > 1 else "".join(parts)


def _hashtags(terms: Terms, grammar: Grammar) -> Expansion:
    """Hashtags, and names written as such; nobody tags a phrase, and slang as a tag is anybody's."""
    longest = min(grammar.longest, LONGEST_TAG)
    tags = {term: hashtag(term) for term in (*terms.hashtags, *terms.names)}
    fit = {term: tag for term, tag in tags.items() if SHORTEST_TAG <= len(tag) <= longest}
    left_out = [*terms.phrases, *(term for term in tags if term not in fit), *terms.slang]
    return Expansion(tuple(_distinct(fit.values())), tuple(_distinct(left_out)))


def _beside(names: Sequence[str], context: Sequence[str], grammar: Grammar, room: int) -> list[str]:
    """Queries in which some names stand beside some context; every pair is in one of them."""
    groups = [f"({group})" for group in _joined(context, grammar.either, room // 2)]
    return [
        f"({some}) {group}"
        for group in groups
        for some in _joined(names, grammar.either, room - len(group) - len("() "))
    ]


def _joined(terms: Iterable[str], either: str, room: int) -> list[str]:
    """Terms joined into as few texts as fit; a term that is too long by itself is left out."""
    found: list[str] = []
    for term in terms:
        if len(term) > room:
            continue
        if found and len(found[-1]) + len(either) + len(term) <= room:
            found[-1] += either + term
        else:
            found.append(term)
    return found


def _distinct(terms: Iterable[str]) -> list[str]:
    """Each term once, however its letters are cased."""
    return list({term.casefold(): term for term in reversed(list(terms))}.values())[::-1]
