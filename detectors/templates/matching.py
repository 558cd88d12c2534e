"""Matching: which registered templates does a picture show, and how sure is that?

1. Hashes of the whole picture propose templates, and accept clean copies early.
2. Its ORB features propose; the best `CANDIDATES` are laid over the picture, and tiles say whether the print
   stands where it should. A mostly dark picture is tried both ways round.
3. If none does surely on what may be a document (some features agree, it stands in an app, or its text is
   medical), all features of the likeliest are compared, and then those of a closer copy
   (`detectors.templates.copies`).
4. The letterhead's tiles and the words read in its place may confirm whose paper it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from detectors.base import Content, TextLayer
from detectors.clinical import find_headings, find_terms
from detectors.letterhead import letterheads_of
from detectors.local_features import Features, Grey, Matrix, reduced, reduction
from detectors.normalise import read_layer
from detectors.templates.bank import TemplateBank
from detectors.templates.copies import Copy, closer, content_box, whole
from detectors.templates.corners import of_picture
from detectors.templates.evidence import TemplateMatch, by_hash, by_print, with_shared_letterhead
from detectors.templates.hashes import query_hashes
from detectors.templates.laying import lay
from detectors.templates.proposing import WEIGHED, Proposal

QUERY_FEATURES, CLOSER_FEATURES = 1500, 2500
CANDIDATES, CLOSER_CANDIDATES = 3, 6
"""So many of the likeliest templates are laid over each copy of the picture."""
FULLY, CLOSER_FULLY = 3, 2
"""So many are compared by all of their features, if those that the index found do not tell."""
_PLAIN = 200
"""So many features that agree leave no doubt where a page lies."""
_PROMISING = 7
"""Features that lie on one template together on nearly all documents, and on one photograph of eight."""
_APP = 0.7
"""What stands on the ground of an app's screen takes less of it than this."""
_MEDICAL = 2
"""So many headings, terms or senders' names make a text medical enough for the second look."""
_RIVAL = 0.6
"""With a smaller share of the best candidate's weight, a template is no rival to a sure match."""
_WORTHY = 0.2
"""Templates with a smaller share of the best one's inliers are not looked at further."""
_HINTED = 3
"""So many templates that hashes propose are laid over the picture beside those that features propose."""


def match(content: Content, bank: TemplateBank) -> list[TemplateMatch]:
    """The templates that something speaks for, the surest first."""
    if content.pixels is None or not len(bank):
        return []
    grey = reduced(content.pixels)
    looking = _Looking(content, grey, bank)
    looking.look(whole(grey), QUERY_FEATURES, CANDIDATES)
    if not looking.is_sure:
        _look_closer(looking, content, grey)
    return with_shared_letterhead(looking.matches)


def _look_closer(looking: _Looking, content: Content, grey: Grey) -> None:
    """Compare more of what may be a document; of a dark picture the way round that says more."""
    assert content.pixels is not None
    shown = content_box(content.pixels, grey)
    in_app = shown.width * shown.height < _APP * content.pixels[..., 0].size
    if not (looking.is_promising or in_app or _is_medical(content.text)):
        return
    looking.look_fully(FULLY)
    if looking.is_plain:
        return
    near = closer(content.pixels, grey, shown)
    likelier = near[min(looking.likelier, len(near) - 1)]
    looking.look([likelier], CLOSER_FEATURES, CLOSER_CANDIDATES, second=True)
    if not looking.is_settled:
        looking.look_fully(CLOSER_FULLY)


@dataclass(eq=False)
class _View:
    """One copy of the picture, and the templates that are proposed for it, by number, the likeliest first.

    `fully` are those whose features were all compared with its own, `most` the inliers of the best.
    """

    copy: Copy
    features: Features
    proposed: dict[int, Proposal]
    second: bool
    fully: set[int] = field(default_factory=set)
    most: int = 0


class _Looking:
    """One picture, and what was found of each template by its number in the bank."""

    def __init__(self, content: Content, grey: Grey, bank: TemplateBank) -> None:
        assert content.pixels is not None
        self._bank, self._shape = bank, grey.shape
        scale = reduction(content.pixels)
        self._words = [
            (word.text, x * scale, y * scale)
            for word, (x, y) in zip(content.text.words, _places(content), strict=True)
        ]
        hits = bank.hashes.nearest(query_hashes(grey))
        self._found = {number: by_hash(bank.facts[number], each) for number, each in hits.items()}
        self._views: list[_View] = []

    @property
    def matches(self) -> list[TemplateMatch]:
        """What was found, in no order."""
        return list(self._found.values())

    @property
    def is_settled(self) -> bool:
        """Whether some template's layout matches."""
        return any(each.is_layout for each in self._found.values())

    @property
    def is_sure(self) -> bool:
        """Whether so much of a layout matches that another template would not match better."""
        return any(each.is_sure for each in self._found.values())

    @property
    def is_promising(self) -> bool:
        """Whether so many features lie on some template together as hardly do on what is no document."""
        return any(each.weight >= _PROMISING for view in self._views for each in view.proposed.values())

    @property
    def is_plain(self) -> bool:
        """Whether a closer look would tell no more: features agree, and what differs was filled in."""
        layouts = [each for each in self._found.values() if each.is_layout]
        return any(each.is_sure or each.inliers >= _PLAIN for each in layouts)

    @property
    def likelier(self) -> int:
        """Which of the copies that were looked at last has the features that say most."""
        most = [max((each.weight for each in view.proposed.values()), default=0) for view in self._views]
        return most.index(max(most))

    def look(self, copies: Sequence[Copy], features: int, candidates: int, *, second: bool = False) -> None:
        """Lay the templates that hashes and so many features propose over copies, until one matches."""
        self._views = []
        for copy in copies:
            found = of_picture(copy.grey, features)
            proposed = self._bank.candidates(found, WEIGHED)
            view = _View(copy, found, proposed | self._hinted(proposed), second)
            self._views.append(view)
            self._lay(view, candidates)
            if self.is_settled:
                break

    def look_fully(self, count: int) -> None:
        """Compare all features of the `count` likeliest templates of the last look."""
        likely = [(-each.weight, n, view) for view in self._views for n, each in view.proposed.items()]
        for _, number, view in sorted(likely, key=lambda each: each[0])[:count]:
            self._lay_fully(view, number)
            if self.is_sure:
                break

    def _hinted(self, proposed: dict[int, Proposal]) -> dict[int, Proposal]:
        """The templates that hashes propose and features do not."""
        best = sorted(self._found, key=lambda number: self._found[number].rank, reverse=True)[:_HINTED]
        return {number: Proposal(0, None) for number in best if number not in proposed}

    def _lay(self, view: _View, candidates: int) -> None:
        """The likeliest first; one whose features say far less cannot be righter than a sure match."""
        best = max((each.weight for each in view.proposed.values()), default=0)
        by_features = [number for number, each in view.proposed.items() if each.weight][:candidates]
        for number in (*by_features, *(n for n, each in view.proposed.items() if not each.weight)):
            if self.is_sure and view.proposed[number].weight < _RIVAL * best:
                break
            roughly = view.proposed[number].roughly
            shown = self._try(view, number, roughly) if roughly is not None else None
            if roughly is None or (shown and shown.is_layout and not shown.is_sure):
                self._lay_fully(view, number)

    def _lay_fully(self, view: _View, number: int) -> None:
        if number not in view.fully:
            view.fully.add(number)
            self._try(view, number, None)

    def _try(self, view: _View, number: int, roughly: Matrix | None) -> TemplateMatch | None:
        """Lay one template over a copy, roughly so; keep what that shows if it is more than is known."""
        template = self._bank.template(number)
        laid = lay(view.features, template.features, view.copy.grey.shape, roughly)
        if laid is None or laid.inliers < _WORTHY * view.most:
            return None
        view.most = max(view.most, laid.inliers)
        shown = by_print(template, view.copy.grey, laid, self._words, view.copy.matrix)
        known = self._found.get(number) or by_hash(template.facts, ())
        level = shown.level or known.level
        merged = replace(shown, hashes=known.hashes, level=level, shape=self._shape, second_look=view.second)
        if number not in self._found or merged.rank > known.rank:
            self._found[number] = merged
        return shown


def _places(content: Content) -> list[tuple[float, float]]:
    """The middles of words in the picture's pixels."""
    boxes = (word.box for word in content.text.words)
    return [
        ((box.x + box.width / 2) * content.scale, (box.y + box.height / 2) * content.scale) for box in boxes
    ]


def _is_medical(text: TextLayer) -> bool:
    """Whether the page's words speak of care at all."""
    page = read_layer(text)
    found = (True for _ in chain(letterheads_of(page), find_headings(page), find_terms(page)))
    return sum(islice(found, _MEDICAL)) == _MEDICAL
