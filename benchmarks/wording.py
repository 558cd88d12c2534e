"""Trains the model of posts of words alone: `python -m benchmarks.wording [--plot FILE]`.

Posts are drawn from the families of `corpus/words` (made for this), and from the posts of words of the splits
`train` and `heldout`; each is examined, and one logistic regression weighs together

- what was found (`detectors.features`), each weight with the sign of its place in START;
- its phrases, and what it says as a whole (`detectors.wording`).

Each family weighs the same, and benign posts BENIGN times as much as leaks: in a stream they are the many.
A phrase counts when FEWEST_FAMILIES families use it. Written are `detectors/wording/phrases.tsv` and
`detectors/words_model.toml`; printed is how families do that were left out.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from benchmarks import training
from benchmarks.corpus.base import Layout, layouts
from benchmarks.corpus.heldout import who
from benchmarks.corpus.written import Writing
from benchmarks.corpus.written import layouts as families_of
from benchmarks.synth.posts import Written
from detectors.examine import Examiner
from detectors.features import features_of
from detectors.lexicons import words
from detectors.normalise import post_text, read_layer
from detectors.table import ExaminerConfig
from detectors.wording.model import MIDDLE, POINT, SCALE, phrases_in, said, strengths
from detectors.wording.sentences import SIZE, Floats
from detectors.wording.tokens import tokens_of
from monitor.benchmark.plots import calibrated

ROOT = Path(__file__).parents[1]
WORDS = Path(__file__).parent / "corpus" / "words"
DRAWS = 4
_NAMES = 1_500
FEWEST_FAMILIES = 2
BENIGN = 7.0
STRENGTH = 5e-6
"""Half the inverse of the variance that weights of phrases are expected to have; it and FEWEST_FAMILIES
were chosen on the posts of `validation`, BENIGN by the sums of all splits that training never saw."""
START: Mapping[str, float] = {**training.START, "against_surely": -12.0}
"""What features are worth by reason. What is typed adds up to more than what is read off a page: so must a
sure reason against."""
HELD = 1e-4
"""How strongly the weights of LEARNT features are held to START. The others stay there: posts of words hold
them too rarely to teach them, or (the filters) they must not lose to a turn of phrase."""
LEARNT = (
    "number_labelled", "number_unlabelled", "birth", "age", "name", "name_weak", "home", "people",
    "terms", "filled", "person", "care", "exposure", "disclosure", "claim_third_party", "claim_own",
)  # fmt: skip
WORDED = ("worded_telling", "worded_plain")
FREE = ("claim_own", "age", "filled")
"""Features whose sign is the data's: in a post of words alone, telling one's own story is no leak."""


@dataclass(frozen=True)
class Post:
    """A drawn post: its tokens, its point and its features, the truth, the family."""

    tokens: tuple[str, ...]
    point: Floats
    features: Mapping[str, float]
    leak: bool
    family: str


def written_layouts() -> Iterator[Layout]:
    """Every layout that draws a post of words and is not kept back."""
    for split in ("train", "heldout"):
        yield from (layout for layout in layouts(split) if not layout.captures)
    for file in sorted(WORDS.glob("*.toml")):
        label = "leak" if file.stem.endswith("leaks") else "benign"
        yield from families_of(file, Writing("train", label, f"w_{file.stem}_", who))  # type: ignore[arg-type]


def draw(each: int) -> list[Post]:
    """`each` posts of every family, the same every time; equal ones once."""
    examiner = Examiner(ExaminerConfig(accept_unissued=True))
    posts = []
    for layout in written_layouts():
        drawn = (layout.draw(Random(f"{layout.name} {number}")) for number in range(each))
        for text in dict.fromkeys(post.text for post in drawn if isinstance(post, Written)):
            found = features_of(examiner.examine_text(text).findings)
            tokens = tokens_of(read_layer(post_text(text)))
            posts.append(Post(tokens, said(tokens), found, layout.label == "leak", layout.name))
    return posts


def names_drawn() -> frozenset[str]:
    """Words of the names that families are filled with: none of them may become a phrase."""
    rng = Random(1)
    nations = ("england", "wales", "scotland") * _NAMES
    names = " ".join(who.patient(rng, (1, 90), None, nation).name for nation in nations)
    return frozenset(names.lower().replace("-", " ").split()) - words("ordinary_words")


def rarities(posts: Sequence[Post], never: frozenset[str]) -> dict[str, float]:
    """The inverse document frequency of each phrase that enough families use and that holds no name."""
    users: dict[str, set[str]] = {}
    documents: Counter[str] = Counter()
    for post in posts:
        for phrase in phrases_in(post.tokens):
            users.setdefault(phrase, set()).add(post.family)
            documents[phrase] += 1
    kept = [p for p in sorted(users) if len(users[p]) >= FEWEST_FAMILIES and never.isdisjoint(p.split())]
    return {p: math.log((1 + len(posts)) / (1 + documents[p])) + 1 for p in kept}


class Regression:
    """The inputs of posts, and a fit to them. Columns: 1, features, phrases, the point."""

    def __init__(self, rarity: dict[str, float], names: Sequence[str]) -> None:
        self.rarity, self.names = rarity, tuple(names)
        self.place = {phrase: number for number, phrase in enumerate(rarity)}

    def inputs(self, posts: Sequence[Post]) -> sparse.csr_matrix:
        """One row a post."""
        rows, columns, values = [], [], []
        for row, post in enumerate(posts):
            for phrase, strength in strengths(phrases_in(post.tokens), self.rarity).items():
                rows.append(row)
                columns.append(self.place[phrase])
                values.append(strength)
        found = sparse.csr_matrix((values, (rows, columns)), shape=(len(posts), len(self.place)))
        dense = [[1.0, *(post.features.get(name, 0.0) for name in self.names)] for post in posts]
        points = np.array([post.point for post in posts])
        return sparse.hstack([np.array(dense), found, points]).tocsr()

    def fit(
        self, posts: Sequence[Post], strength: float = STRENGTH, benign: float = BENIGN, held: float = HELD
    ) -> Floats:
        """All weights, of least weighted log loss + strength x squared weights + held x squared distance of
        the features' weights from START."""
        inputs = self.inputs(posts)
        sides = np.array([1.0 if post.leak else -1.0 for post in posts])
        share = _shares(posts, benign)
        known = [training.START_BIAS, *(START[name] for name in self.names)]
        start = np.concatenate([known, np.zeros(inputs.shape[1] - len(known))])
        strengths_of = np.full(inputs.shape[1], strength)
        strengths_of[0], strengths_of[1 : len(known)] = 0.0, held

        def loss(at: Floats) -> tuple[float, Floats]:
            margins = sides * (inputs @ at)
            pull = at - start
            slope = inputs.T @ (share * -sides / (1 + np.exp(margins))) + 2 * strengths_of * pull
            return float(share @ np.logaddexp(0, -margins) + strengths_of @ (pull * pull)), slope

        bounds = [(None, None), *(_bound(name) for name in self.names)]
        bounds += [(None, None)] * (inputs.shape[1] - len(bounds))
        options = {"maxiter": 400}
        return np.asarray(
            minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options).x
        )


def _bound(name: str) -> tuple[float | None, float | None]:
    if name not in LEARNT:
        return START[name], START[name]
    if name in FREE:
        return None, None
    return (0, None) if START[name] > 0 else (None, 0)


def _shares(posts: Sequence[Post], benign: float) -> Floats:
    sizes = Counter(post.family for post in posts)
    share = np.array([1 / sizes[post.family] for post in posts])
    leak = np.array([post.leak for post in posts])
    share[leak] *= 1 / share[leak].sum()
    share[~leak] *= benign / share[~leak].sum()
    return share / share.sum()


def left_out(posts: Sequence[Post], parts: int = 5, strength: float = STRENGTH) -> list[tuple[float, bool]]:
    """Each post's score by weights that never saw its family, and the truth."""
    families = sorted({post.family for post in posts})
    Random(0).shuffle(families)
    part = {family: number % parts for number, family in enumerate(families)}
    found: list[tuple[float, bool]] = []
    never = names_drawn()
    for number in range(parts):
        known = [post for post in posts if part[post.family] != number]
        new = [post for post in posts if part[post.family] == number]
        regression = Regression(rarities(known, never), tuple(START))
        logits = regression.inputs(new) @ regression.fit(known, strength)
        found += [(float(1 / (1 + np.exp(-z))), post.leak) for z, post in zip(logits, new, strict=True)]
    return found


def middle_of(posts: Sequence[Post], weights: Floats) -> float:
    """What the points of posts add to the logit, half way between leaks and the rest."""
    sides: dict[bool, list[float]] = {True: [], False: []}
    for post in posts:
        if post.point.any():
            sides[post.leak].append(float(weights[-SIZE:] @ post.point))
    return sum(float(np.mean(side)) for side in sides.values()) / 2


def write(regression: Regression, weights: Floats, middle: float, facts: Sequence[str]) -> None:
    """Write the phrases and the model of what was found."""
    told = [f"# {fact}" for fact in ("Written by: python -m benchmarks.wording (docs/detection.md)", *facts)]
    split = 1 + len(regression.names)
    rows = ["\t".join([POINT, *(f"{weight:.3f}" for weight in weights[-SIZE:])]), f"{MIDDLE}\t{middle:.3f}"]
    parts = zip(regression.rarity.items(), weights[split:-SIZE], strict=True)
    rows += [f"{phrase}\t{rarity:.2f}\t{weight:.2f}" for (phrase, rarity), weight in parts]
    (ROOT / "detectors/wording/phrases.tsv").write_text("\n".join([*told, *rows]) + "\n", "utf-8")
    model = [*told, "", f"bias = {weights[0] + middle:.2f}", "", "[weights]"]
    model += [f"{n} = {w + 0.0:.2f}" for n, w in zip(regression.names, weights[1:split], strict=True)]
    model += [f"{WORDED[0]} = {SCALE:.2f}", f"{WORDED[1]} = {-SCALE:.2f}"]
    (ROOT / "detectors/words_model.toml").write_text("\n".join(model) + "\n", "utf-8")


def main() -> None:
    """Parse the arguments, train, write, and say how good it is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wording", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--plot", type=Path, help="file of the calibration plot")
    chosen = parser.parse_args()
    posts = draw(DRAWS)
    regression = Regression(rarities(posts, names_drawn()), tuple(START))
    leaks = sum(post.leak for post in posts)
    facts = [f"{len(posts)} posts of {len({p.family for p in posts})} families, {leaks} of them leaks.",
             f"{len(regression.rarity)} phrases, pull {STRENGTH:g}."]  # fmt: skip
    weights = regression.fit(posts)
    write(regression, weights, middle_of(posts, weights), facts)
    found = left_out(posts)
    print("\n".join(facts))
    for side, name in ((True, "leaks that alert"), (False, "benign posts that alert")):
        seen = [score >= training.THRESHOLDS["balanced"] for score, leak in found if leak == side]
        print(f"{name}, family left out: {sum(seen)} of {len(seen)} ({sum(seen) / len(seen):.3f})")
    if chosen.plot:
        calibrated({"families left out": found}, chosen.plot)


if __name__ == "__main__":
    main()
