"""What is known about an alert that a post may be a copy of, and what follows from it. Pure.

Two patients must never become one alert, and a leak must not become fifty. So identity merges, likeness
alone merges only where no tile of the picture disagrees, and all between is asked of a person.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Picture = Literal["different", "possible", "same", "bytes"]
Numbers = Literal["unknown", "within", "more", "disjoint"]
Outcome = Literal["same_record", "possible_repost", "different"]

Sets = tuple[Set[str], Set[str]]
"""Digests of numbers with a right check digit, and of identifiers that have none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An alert beside a post.

    `picture` is the nearest of the post's pictures to one of the alert's, `covers` whether every picture of
    the post that shows a person is one of the alert's; `numbers` compares the post's with the alert's, and
    `strange` says that a picture of the post shows a person by nothing that the alert has.
    """

    alert_id: UUID
    picture: Picture = "different"
    covers: bool = False
    numbers: Numbers = "unknown"
    strange: bool = False
    births_differ: bool = False
    dismissed: bool = False

    @property
    def outcome(self) -> Outcome:
        """The same record, possibly a repost, or a different matter."""
        alike = self.picture in ("bytes", "same")
        if self.numbers == "within":
            another = self.strange or (self.births_differ and not alike)
            return "possible_repost" if another else "same_record"
        if self.numbers == "disjoint":
            return "possible_repost" if alike else "different"
        if self.numbers == "more":
            return "possible_repost"
        if alike:
            sure = self.covers and (self.picture == "bytes" or not self.births_differ)
            return "same_record" if sure else "possible_repost"
        return "possible_repost" if self.picture == "possible" else "different"

    @property
    def shows_it(self) -> bool:
        """Whether the post's pictures are the alert's, whatever could be read on them."""
        return self.outcome == "same_record" and self.covers and self.picture in ("bytes", "same")

    @property
    def rank(self) -> tuple[int, int, int]:
        """The likelier, the greater."""
        order = ("different", "possible_repost", "same_record").index(self.outcome)
        pictures = ("different", "possible", "same", "bytes").index(self.picture)
        return order, int(not self.dismissed), pictures

    @property
    def why(self) -> str:
        """One clause for the person who decides."""
        alike = {
            "bytes": "the same picture",
            "same": "a copy of its picture",
            "possible": "a picture much like its own",
            "different": "another picture",
        }
        numbers = {
            "unknown": "no number to compare",
            "within": "the same numbers",
            "more": "one number in common, and others",
            "disjoint": "other numbers",
        }
        beside = "; another person's page beside it" if self.strange and self.numbers == "within" else ""
        births = "; another date of birth" if self.births_differ else ""
        return f"{alike[self.picture]}, {numbers[self.numbers]}{beside}{births}"


def numbers_relation(post: Sets, alert: Sets, shared: Set[str] = frozenset()) -> Numbers:
    """How the post's numbers stand to the alert's; `shared` ones are the document's own and say nothing.

    Numbers with a check digit decide where both sides have them, since others are misread more easily.
    """
    ours, theirs = post[0] - shared, alert[0] - shared
    if not (ours and theirs):
        ours, theirs = (post[0] | post[1]) - shared, (alert[0] | alert[1]) - shared
    if not (ours and theirs):
        return "unknown"
    if not ours & theirs:
        return "disjoint"
    return "within" if ours <= theirs else "more"
