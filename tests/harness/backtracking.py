"""A matcher that counts its steps, as `re` would take them, and texts made to make it take many.

Python's engine tries alternatives one after the other; how often it does so is what makes a pattern slow on
hostile text, and it is the same on every machine. The matcher follows the engine's own parse tree.
"""

from __future__ import annotations

import re
import re._compiler as compiler
import re._constants as op
import re._parser as parser
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

Node = tuple[Any, Any]
Nodes = Sequence[Node]
Then = Callable[[int], bool]

_SINGLE = {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN}
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_ALPHABET = string.printable + "\0\u00e9\u0663\u2610"
_MANY = 60
"""A repeat that may go on this long counts as one without end."""


sys.setrecursionlimit(max(sys.getrecursionlimit(), 50_000))
"""A Python frame for each step held open. Once, at import: hypothesis refuses a limit that moves under it."""


class TooManySteps(Exception):
    """The text made the pattern take more steps than anybody asked about."""


class Matcher:
    """One pattern, counting `steps` over everything it is asked."""

    def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
        self.steps = 0
        self._most = 0
        self._text = ""
        source = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
        if isinstance(pattern, bytes):
            flags &= ~int(re.UNICODE)
        self.tree = parser.parse(source, flags)
        self._flags = self.tree.state.flags

    def places(self, text: str, most: int = 400_000) -> list[tuple[int, int]]:
        """The spans of the pattern in `text`; `steps` tells what they took. Raises TooManySteps."""
        self.steps, self._most, self._text = 0, most, text
        nodes, at, found = list(self.tree), 0, []
        while at <= len(text):
            end = self._first_end(nodes, at)
            found += [] if end is None else [(at, end)]
            at = at + 1 if end is None or end == at else end
        return found

    def accepts(self, node: Node, character: str) -> bool:
        """Whether a node that matches one character matches this one."""
        return _accepts(_frozen(node), self._flags, character)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self._most:
            raise TooManySteps

    def _first_end(self, nodes: Nodes, at: int) -> int | None:
        ends: list[int] = []

        def keep(end: int) -> bool:
            ends.append(end)
            return True

        return ends[0] if self._run(nodes, 0, at, keep) else None

    def _run(self, nodes: Nodes, index: int, at: int, then: Then) -> bool:
        while index < len(nodes):
            self._step()
            code, value = nodes[index]
            if code not in _SINGLE:
                return self._special(nodes, index, at, then)
            if at >= len(self._text) or not self.accepts((code, value), self._text[at]):
                return False
            index, at = index + 1, at + 1
        return then(at)

    def _special(self, nodes: Nodes, index: int, at: int, then: Then) -> bool:
        code, value = nodes[index]

        def rest(end: int) -> bool:
            return self._run(nodes, index + 1, end, then)

        if code in _REPEATS:
            return self._repeat(code, value, at, rest)
        if code is op.BRANCH:
            return self._any(value[1], at, rest)
        if code is op.SUBPATTERN:
            return self._run(list(value[3]), 0, at, rest)
        if code is op.ATOMIC_GROUP:
            end = self._first_end(list(value), at)
            return end is not None and rest(end)
        if code in {op.ASSERT, op.ASSERT_NOT}:
            return self._looks(value, at) == (code is op.ASSERT) and rest(at)
        if code is op.AT:
            return _is_place(value, self._flags, self._text, at) and rest(at)
        raise NotImplementedError(code)

    def _any(self, choices: Sequence[Any], at: int, rest: Then) -> bool:
        for choice in choices:  # noqa: SIM110 - a generator's frames would stand on the C stack
            if self._run(list(choice), 0, at, rest):
                return True
        return False

    def _looks(self, value: tuple[int, Any], at: int) -> bool:
        direction, nodes = value
        start = at if direction > 0 else at - nodes.getwidth()[0]
        return start >= 0 and self._first_end(list(nodes), start) is not None

    def _repeat(self, code: Any, value: tuple[int, int, Any], at: int, rest: Then) -> bool:
        least, most, body = value
        nodes = list(body)
        if code is op.POSSESSIVE_REPEAT:
            return self._possessive(least, most, nodes, at, rest)
        if len(nodes) == 1 and nodes[0][0] in _SINGLE:
            return self._run_of_one(code, (least, most), nodes[0], at, rest)

        def again(done: int, here: int) -> bool:
            def once_more() -> bool:
                return done < most and self._run(
                    nodes, 0, here, lambda end: (end > here or done < least) and again(done + 1, end)
                )

            if code is op.MIN_REPEAT:
                return (done >= least and rest(here)) or once_more()
            return once_more() or (done >= least and rest(here))

        return again(0, at)

    def _run_of_one(self, code: Any, times: tuple[int, int], node: Node, at: int, rest: Then) -> bool:
        least, most = times
        end = at
        while end < len(self._text) and end - at < most and self.accepts(node, self._text[end]):
            self._step()
            end += 1
        places = range(at + least, end + 1)
        for place in places if code is op.MIN_REPEAT else reversed(places):
            self._step()
            if rest(place):
                return True
        return False

    def _possessive(self, least: int, most: int, nodes: Nodes, at: int, rest: Then) -> bool:
        done = 0
        while done < most:
            end = self._first_end(nodes, at)
            if end is None or (end == at and done >= least):
                break
            done, at = done + 1, end
        return done >= least and rest(at)


def _frozen(node: Node) -> Node:
    code, value = node
    return (code, tuple(map(_frozen, value)) if isinstance(value, list) else value)


@cache
def _accepts(node: Node, flags: int, character: str) -> bool:
    code, value = node
    listed = list(value) if isinstance(value, tuple) else value
    state = parser.State()
    state.flags = flags
    single = parser.SubPattern(state, [(code, listed)])
    return compiler.compile(single, flags).match(character) is not None


@cache
def _place(value: Any, flags: int) -> re.Pattern[str]:
    state = parser.State()
    state.flags = flags
    return compiler.compile(parser.SubPattern(state, [(op.AT, value)]), flags)


def _is_place(value: Any, flags: int, text: str, at: int) -> bool:
    return _place(value, flags).match(text, at) is not None


def hostile_texts(matcher: Matcher, size: int) -> Iterator[str]:
    """Texts of about `size` characters on which the pattern's long repeats can be made to try again.

    For each repeat without end: what leads up to it, then many of what it repeats, then what ends nothing.
    """
    seen: set[tuple[str, str]] = set()
    for prefix, body in _long_repeats(matcher, list(matcher.tree), ""):
        for pump in _pumps(matcher, body):
            for lead in (prefix, ""):
                if (lead, pump) not in seen:
                    seen.add((lead, pump))
                    yield lead + pump * (size // len(pump)) + "\0"
        yield (prefix + next(_pumps(matcher, body), " ")) * (size // (len(prefix) + 1) + 1) + "\0"


def _long_repeats(matcher: Matcher, nodes: Nodes, lead: str) -> Iterator[tuple[str, list[Node]]]:
    for code, value in nodes:
        if code in _REPEATS:
            _, most, body = value
            if most > _MANY:
                yield lead, list(body)
            yield from _long_repeats(matcher, list(body), lead)
        elif code is op.BRANCH:
            for choice in value[1]:
                yield from _long_repeats(matcher, list(choice), lead)
        elif code is op.SUBPATTERN:
            yield from _long_repeats(matcher, list(value[3]), lead)
        elif code is op.ATOMIC_GROUP:
            yield from _long_repeats(matcher, list(value), lead)
        lead += _sample(matcher, (code, value))


def _pumps(matcher: Matcher, body: Nodes) -> Iterator[str]:
    """What to repeat: a character of each kind that the pattern tells apart, and a word of the body."""
    if len(body) == 1 and body[0][0] in _SINGLE:
        kinds: dict[tuple[bool, ...], str] = {}
        singles = list(_singles(list(matcher.tree)))
        for character in filter(lambda c: matcher.accepts(body[0], c), _ALPHABET):
            kinds.setdefault(tuple(matcher.accepts(node, character) for node in singles), character)
        yield from kinds.values()
        return
    word = "".join(_sample(matcher, node) for node in body)
    if word:
        yield word
    for node in body:
        if node[0] in _REPEATS:
            yield from _pumps(matcher, list(node[1][2]))


def _singles(nodes: Nodes) -> Iterator[Node]:
    for code, value in nodes:
        if code in _SINGLE:
            yield code, value
        elif code in _REPEATS:
            yield from _singles(list(value[2]))
        elif code is op.BRANCH:
            for choice in value[1]:
                yield from _singles(list(choice))
        elif code is op.SUBPATTERN:
            yield from _singles(list(value[3]))
        elif code is op.ATOMIC_GROUP:
            yield from _singles(list(value))


def _sample(matcher: Matcher, node: Node) -> str:
    """A short text that the node matches."""
    code, value = node
    if code in _SINGLE:
        return next((c for c in _ALPHABET if matcher.accepts(node, c)), "")
    if code in _REPEATS:
        return "".join(_sample(matcher, each) for each in value[2]) * min(value[0], _MANY)
    if code is op.BRANCH:
        return "".join(_sample(matcher, each) for each in value[1][0])
    if code is op.SUBPATTERN:
        return "".join(_sample(matcher, each) for each in value[3])
    if code is op.ATOMIC_GROUP:
        return "".join(_sample(matcher, each) for each in value)
    return ""
