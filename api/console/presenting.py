"""An alert as its page shows it: findings numbered and grouped, boxes ready to be drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.console.words import Group, finding_group, finding_kind
from monitor.details import AlertDetail, Picture, SeenPost
from monitor.storage.examination import Finding

GROUPS: dict[Group, str] = {
    "person": "Who it is about",
    "care": "Signs of care",
    "other": "Context",
}
LAYERS: tuple[Group, ...] = ("other", "care", "person")
"""Which boxes lie over which."""
CROWD = 12
LABEL_SHARE = 60
"""A box's number is this part of the picture's longer side."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding with the number that links it to its box."""

    number: int
    finding: Finding
    group: Group

    @property
    def label(self) -> str:
        """What and where, for people who do not see the box."""
        return f"{self.number}: {finding_kind(self.finding.kind)}, {self.finding.masked}"


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture, its findings, and those of them that can be drawn on its preview."""

    picture: Picture
    findings: tuple[Numbered, ...]

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the original, in whose pixels boxes are given."""
        return self.picture.size

    @property
    def boxes(self) -> list[Numbered]:
        """The findings that have a box on the page the preview shows, those in front last."""
        here = self.picture.page
        drawn = [each for each in self.findings if each.finding.box and each.finding.page == here]
        return sorted(drawn, key=lambda each: (LAYERS.index(each.group), -_area(each)))

    @property
    def crowded(self) -> bool:
        """Whether there are too many people's details to number each on the picture."""
        return sum(each.group == "person" for each in self.boxes) > CROWD

    @property
    def label_size(self) -> int:
        """Height of a box's number, in pixels of the original."""
        return max(self.size or (0,)) // LABEL_SHARE + 1


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post with its numbered findings."""

    seen: SeenPost
    pictures: tuple[ShownPicture, ...]
    text_findings: tuple[Numbered, ...]

    @property
    def groups(self) -> list[tuple[Group, str, list[Numbered]]]:
        """The post's findings by what they tell, in their order; groups without any are left out."""
        found = [each for picture in self.pictures for each in picture.findings] + list(self.text_findings)
        grouped = [
            (key, title, [each for each in found if each.group == key]) for key, title in GROUPS.items()
        ]
        return [group for group in grouped if group[2]]


def shown_posts(detail: AlertDetail) -> list[ShownPost]:
    """The posts of an alert; findings are numbered through all of them."""
    numbers = iter(range(1, 10**6))
    return [
        ShownPost(
            seen,
            tuple(ShownPicture(each, _numbered(each.findings, numbers)) for each in seen.pictures),
            _numbered(seen.text_findings, numbers),
        )
        for seen in detail.posts
    ]


def _numbered(findings: Sequence[Finding], numbers: Iterator[int]) -> tuple[Numbered, ...]:
    return tuple(Numbered(next(numbers), finding, finding_group(finding.kind)) for finding in findings)


def _area(each: Numbered) -> int:
    _, _, width, height = each.finding.box or (0, 0, 0, 0)
    return int(width * height)
