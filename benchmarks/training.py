"""Trains the decision model: `python -m benchmarks.training collect`, then `... fit`.

    python -m benchmarks.training collect --corpus DIR [--corpus DIR ...] --out features.jsonl
    python -m benchmarks.training fit features.jsonl [--plot docs/images/calibration.svg]

`collect` examines every post of the corpora (`monitor.benchmark.corpus` gives their form) and keeps its
features, one line a post. `fit` is a logistic regression over them:

- each weight keeps the sign of its place in `START` and is drawn towards it (L2), so that a feature the posts
  hardly hold keeps what it is worth by reason;
- each layout weighs the same, and so do leaks and benign posts: a score is a probability where half of what
  is judged are leaks;
- how strongly weights are drawn is chosen by leaving layouts out (never single pictures: those of one layout
  are near copies), and the calibration plot shows scores of posts whose layout the weights had not seen.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from detectors.examine import Examiner
from detectors.features import features_of
from detectors.table import ExaminerConfig
from monitor.benchmark.corpus import Case, read_corpus
from monitor.benchmark.plots import calibrated
from monitor.benchmark.statistics import brier

Floats = npt.NDArray[np.float64]
MODEL = Path(__file__).parents[1] / "detectors" / "model.toml"
STRENGTHS = (0.03, 0.1, 0.3)
"""Weaker pulls fit these layouts better and others no better: detectors were written in sight of them."""
FOLDS = 10
THRESHOLDS: Mapping[str, float] = {"precision": 0.6, "balanced": 0.35, "recall": 0.15}
"""What a miss may cost: a post alerts when score x cost of a miss > (1 - score) x cost of a false alert, so a
miss counts as two thirds of a false alert, as two of them, as six."""
START_BIAS = -2.5
START: Mapping[str, float] = {
    "number_labelled": 1.8,
    "number_unlabelled": 1.0,
    "number_misread": 0.5,
    "birth": 0.5,
    "age": 0.3,
    "name": 0.4,
    "name_weak": 0.4,
    "home": 0.3,
    "local_number": 0.5,
    "people": 1.0,
    "care_number": 0.6,
    "nino": 0.3,
    "headings": 0.6,
    "terms": 0.6,
    "filled": 1.0,
    "document": 0.5,
    "sender": 0.2,
    "template": 0.4,
    "marking": 0.3,
    "registered": 0.25,
    "codes": 0.3,
    "person": 1.1,
    "care": 1.2,
    "exposure": 3.5,
    "disclosure": 0.8,
    "claim_third_party": 1.2,
    "claim_own": 0.5,
    "against": -5.0,
    "against_surely": -5.0,
}
"""What each feature is worth by reason at its full value of 1: where a fit starts, and stays without data."""


@dataclass(frozen=True)
class Table:
    """Posts as numbers: features (posts x features), truth, the layout each is of."""

    names: tuple[str, ...]
    features: Floats
    leak: npt.NDArray[np.bool_]
    layouts: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        """What each post counts: layouts the same, leaks and benign posts half each. They sum to 1."""
        sizes = Counter(zip(self.layouts, self.leak, strict=True))
        share = np.array([1 / sizes[key] for key in zip(self.layouts, self.leak, strict=True)])
        for side in (self.leak, ~self.leak):
            share[side] *= 0.5 / share[side].sum()
        return share

    def only(self, chosen: npt.NDArray[np.bool_]) -> Table:
        """The chosen posts."""
        layouts = tuple(layout for layout, keep in zip(self.layouts, chosen, strict=True) if keep)
        return Table(self.names, self.features[chosen], self.leak[chosen], layouts)


def collect(corpora: Sequence[Path], out: Path, workers: int) -> int:
    """Write the features of every post of the corpora; returns how many there are."""
    cases = [case for folder in corpora for case in read_corpus(folder)]
    with (
        multiprocessing.get_context("spawn").Pool(workers, _start) as pool,
        out.open("w", encoding="utf-8") as lines,
    ):
        for done, line in enumerate(pool.imap(_line, cases), 1):
            lines.write(f"{line}\n")
            print(f"\r{done} of {len(cases)}", end="", flush=True)
    print()
    return len(cases)


_examiners: list[Examiner] = []


def _start() -> None:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _examiners.append(Examiner(ExaminerConfig(accept_unissued=True)))


def _line(case: Case) -> str:
    examiner = _examiners[0]
    findings = examiner.examine_image(case.file.read_bytes()).findings if case.file else ()
    features = features_of([*findings, *examiner.examine_text(case.text).findings])
    shown = {name: round(value, 4) for name, value in features.items()}
    facts = {"id": case.identifier, "layout": case.layout or case.category, "leak": case.leak}
    return json.dumps(facts | {"features": shown})


def read_table(files: Sequence[Path]) -> Table:
    """The posts of `collect`'s files."""
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    names = tuple(START)
    return Table(
        names,
        np.array([[row["features"].get(name, 0.0) for name in names] for row in rows]),
        np.array([row["leak"] for row in rows]),
        tuple(row["layout"] for row in rows),
    )


def fit(table: Table, strength: float) -> Floats:
    """The bias and the weights of least weighted log loss + strength x distance from START squared."""
    start = np.array([START_BIAS, *(START[name] for name in table.names)])
    sides = np.where(table.leak, 1.0, -1.0)
    inputs = np.hstack([np.ones((len(sides), 1)), table.features])
    share = table.weights

    def loss(at: Floats) -> tuple[float, Floats]:
        margins = sides * (inputs @ at)
        pull = at - start
        pull[0] = 0.0
        slope = inputs.T @ (share * -sides / (1 + np.exp(margins))) + 2 * strength * pull
        return float(share @ np.logaddexp(0, -margins) + strength * pull @ pull), slope

    bounds = [(None, None), *((0, None) if START[n] > 0 else (None, 0) for n in table.names)]
    return np.asarray(minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x)


def scores(weights: Floats, table: Table) -> Floats:
    """The model's probability for each post."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + table.features @ weights[1:]))))


def folds(table: Table, seed: int = 0) -> Iterator[npt.NDArray[np.bool_]]:
    """Layouts in FOLDS parts, leaks' and benign posts' spread alike; yields which posts are left out."""
    for_leaks = dict(zip(table.layouts, table.leak, strict=True))
    order = sorted(for_leaks)
    Random(seed).shuffle(order)
    order.sort(key=lambda layout: bool(for_leaks[layout]))
    part = {layout: place % FOLDS for place, layout in enumerate(order)}
    for number in range(FOLDS):
        yield np.array([part[layout] == number for layout in table.layouts])


def unseen_scores(table: Table, strength: float) -> Floats:
    """Each post's score by weights that were fitted without its layout."""
    found = np.zeros(len(table.leak))
    for left_out in folds(table):
        found[left_out] = scores(fit(table.only(~left_out), strength), table.only(left_out))
    return found


def log_loss(found: Floats, table: Table) -> tuple[float, float]:
    """The weighted mean of -log of the truth's probability, and its standard error over layouts."""
    losses = -np.log(np.clip(np.where(table.leak, found, 1 - found), 1e-9, 1))
    layouts = np.array(table.layouts)
    each = [losses[layouts == layout].mean() for layout in dict.fromkeys(table.layouts)]
    return float(table.weights @ losses), float(np.std(each) / np.sqrt(len(each)))


def choose(losses: Mapping[float, tuple[float, float]]) -> float:
    """The strongest pull that is no worse than the best by more than its standard error.

    Breiman and others, Classification and Regression Trees (1984), 3.4.3. The best itself flatters: who wrote
    the detectors has seen these layouts.
    """
    best, error = min(losses.values())
    return max(strength for strength, (loss, _) in losses.items() if loss <= best + error)


def write_model(
    weights: Floats, names: Sequence[str], presets: Mapping[str, float], facts: Sequence[str]
) -> None:
    """Write `detectors/model.toml`."""
    lines = ["# The decision model, written by: python -m benchmarks.training fit (docs/detection.md)"]
    lines += [f"# {fact}" for fact in facts]
    lines += ["", f"bias = {weights[0]:.2f}", "", "[thresholds]"]
    lines += [f"{name} = {value:.2f}" for name, value in presets.items()]
    lines += ["", "[weights]", *(f"{n} = {w + 0.0:.2f}" for n, w in zip(names, weights[1:], strict=True))]
    MODEL.write_text("\n".join(lines) + "\n", "utf-8")


def train(files: Sequence[Path], plot: Path | None) -> None:
    """Choose the strength, fit on everything, write the model and the plot, print how good it is."""
    table = read_table(files)
    tried = {strength: unseen_scores(table, strength) for strength in STRENGTHS}
    losses = {strength: log_loss(found, table) for strength, found in tried.items()}
    strength = choose(losses)
    pairs = [(float(score), bool(leak)) for score, leak in zip(tried[strength], table.leak, strict=True)]
    facts = [
        f"{len(pairs)} posts of {len(set(table.layouts))} layouts, {int(table.leak.sum())} of them leaks.",
        f"Pull {strength}; layouts left out: log loss {losses[strength][0]:.3f}, Brier {brier(pairs):.3f}.",
    ]
    write_model(fit(table, strength), table.names, THRESHOLDS, facts)
    print(
        "\n".join(
            [
                *facts,
                *(f"pull {s}: log loss {loss:.4f} +- {error:.4f}" for s, (loss, error) in losses.items()),
            ]
        )
    )
    alerts = [score >= THRESHOLDS["balanced"] for score, _ in pairs]
    for side, name in ((True, "leaks that alert"), (False, "benign posts that alert")):
        seen = [alert for alert, (_, leak) in zip(alerts, pairs, strict=True) if leak == side]
        print(f"{name}, layout left out: {sum(seen)} of {len(seen)} ({sum(seen) / len(seen):.3f})")
    if plot:
        calibrated({"layouts left out": pairs}, plot)


def main() -> None:
    """Parse the arguments and do as told."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect", help="examine corpora and keep their posts' features")
    collecting.add_argument("--corpus", type=Path, action="append", required=True, help="repeat it for more")
    collecting.add_argument("--out", type=Path, required=True)
    collecting.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="default: one per core")
    fitting = commands.add_parser("fit", help="fit the model to collected features and write it")
    fitting.add_argument("features", type=Path, nargs="+")
    fitting.add_argument("--plot", type=Path, help="file of the calibration plot")
    chosen = parser.parse_args()
    if chosen.command == "collect":
        collect(chosen.corpus, chosen.out, chosen.workers)
    else:
        train(chosen.features, chosen.plot)


if __name__ == "__main__":
    main()
