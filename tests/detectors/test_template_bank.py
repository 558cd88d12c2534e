"""How templates are kept: packed, in files that workers map, indexed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detectors.local_features import Features
from detectors.templates import TemplateBank, TemplateFacts, Thresholds, pack, unpack
from detectors.templates.arrays import open_arrays, save_arrays
from detectors.templates.bank import bank_digest
from detectors.templates.base import Template
from detectors.templates.corners import WIDTH
from detectors.templates.index import votes
from detectors.templates.letterhead import distinctive_words


def made(seed: int, organisation: str | None = None, words: tuple[str, ...] = ()) -> Template:
    """A template of random features."""
    random = np.random.default_rng(seed)
    facts = TemplateFacts(
        name=f"t{seed}",
        organisation=organisation,
        kind="document",
        filled=False,
        size=(800, 1100),
        letterhead=None,
        lozenges=(),
        words=words,
        names=(),
        phash=random.bytes(32).hex(),
        pdq=random.bytes(32).hex(),
        thresholds=Thresholds(),
    )
    points = random.uniform(0, 800, (200, 2)).astype(np.float32)
    descriptors = random.integers(0, 256, (200, WIDTH), dtype=np.uint8)
    return Template(facts, Features(points, descriptors), b"picture")


def flipped(descriptors: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    """The descriptors with this many bits of each turned, as another picture of the same print shows them."""
    random = np.random.default_rng(seed)
    spread = np.unpackbits(descriptors, axis=1)
    for row in spread:
        row[random.permutation(8 * WIDTH)[:bits]] ^= 1
    return np.packbits(spread, axis=1)


def seen(features: Features, bits: int) -> Features:
    """Features as a camera shows them: turned, smaller, elsewhere, with some bits of each flipped."""
    turn = np.float32([[0.52, -0.3], [0.3, 0.52]])
    return Features((features.points @ turn.T + 90).astype(np.float32), flipped(features.descriptors, bits))


def some(features: Features, count: int) -> Features:
    """The first of them."""
    return Features(features.points[:count], features.descriptors[:count])


def together(*parts: Features) -> Features:
    """All of them."""
    points = np.concatenate([part.points for part in parts])
    return Features(points, np.concatenate([part.descriptors for part in parts]))


def test_a_template_survives_packing() -> None:
    """unpack gives back what pack was given; places to a sixteenth of a pixel."""
    template = made(1, "Castle Vale", ("vale",))
    again = unpack(pack(template))
    assert again.facts == template.facts
    assert again.picture == template.picture
    assert np.array_equal(again.features.descriptors, template.features.descriptors)
    assert np.abs(again.features.points - template.features.points).max() <= 1 / 32


@pytest.mark.parametrize("cut", [0, 3, 7, 20, 400])
def test_a_damaged_template_is_refused(cut: int) -> None:
    """Bytes cut short are an error that says what to do."""
    with pytest.raises(ValueError, match="register it again"):
        unpack(pack(made(1))[:cut])


def test_a_bank_survives_its_file(tmp_path: Path) -> None:
    """A mapped bank votes and hands out templates as the one that was saved."""
    templates = [made(seed) for seed in range(5)]
    bank = TemplateBank.of(templates)
    bank.save(tmp_path / "x.bank")
    mapped = TemplateBank.open(tmp_path / "x.bank")
    query = seen(templates[3].features, 15)
    weights = [{n: p.weight for n, p in each.candidates(query, 5).items()} for each in (mapped, bank)]
    assert weights[0] == weights[1] != {}
    assert pack(mapped.template(3)) == pack(templates[3])
    assert [path.name for path in tmp_path.iterdir()] == ["x.bank"]


def test_the_template_that_shares_most_features_is_proposed() -> None:
    """With 17 of 128 bits turned in every feature, the right one of 40 templates wins clearly."""
    templates = [made(seed) for seed in range(40)]
    found = TemplateBank.of(templates).candidates(seen(templates[17].features, 17), 3)
    assert next(iter(found)) == 17
    assert found[17].weight > 5 * max([each.weight for n, each in found.items() if n != 17], default=1)


def test_features_in_their_places_outweigh_more_features_anywhere() -> None:
    """A sister form shares print and type with the page shown, but not where they stand."""
    shown, sister = made(1), made(2)
    random = np.random.default_rng(3)
    astray = Features(random.permutation(sister.features.points), sister.features.descriptors)
    query = together(some(seen(shown.features, 15), 60), seen(astray, 15))
    assert list(TemplateBank.of([sister, shown]).candidates(query, 1)) == [1]


def test_features_that_all_share_count_little() -> None:
    """A form's common print gives each of its many templates a fraction of a vote."""
    asked, whose = (each.ravel() for each in np.mgrid[:200, :10])
    cast = votes(asked, whose, 12)
    assert np.allclose(cast[:10], 20)
    assert not cast[10:].any()


def test_an_empty_bank_can_be_kept(tmp_path: Path) -> None:
    """No templates are no special case."""
    bank = TemplateBank.of([])
    bank.save(tmp_path / "empty.bank")
    assert len(TemplateBank.open(tmp_path / "empty.bank")) == 0
    assert bank.candidates(made(1).features, 3) == {}


def test_what_is_no_bank_is_refused(tmp_path: Path) -> None:
    """Another file is an error."""
    path = tmp_path / "x.bank"
    path.write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match=r"x\.bank is not a file of arrays"):
        TemplateBank.open(path)


def test_arrays_keep_type_shape_and_content(tmp_path: Path) -> None:
    """Every array comes back as it was, empty ones too, and cannot be written to."""
    arrays = {"a": np.arange(7, dtype=np.int32), "b": np.empty((0, 32), np.uint8), "c": np.eye(3)}
    save_arrays(tmp_path / "x", arrays, {"said": [1, "two"]})
    again, facts = open_arrays(tmp_path / "x")
    assert facts == {"said": [1, "two"]}
    for name, array in arrays.items():
        assert again[name].dtype == array.dtype
        assert np.array_equal(again[name], array)
    with pytest.raises(ValueError, match="read-only"):
        again["a"][0] = 1


def test_the_digest_tells_banks_apart() -> None:
    """Other parts, or the same in another order, make another digest."""
    assert len({bank_digest(parts) for parts in ([], [b"a"], [b"a", b"b"], [b"b", b"a"], [b"ab"])}) == 5


def test_words_on_another_organisations_letterhead_are_nobodys_own() -> None:
    """A town both have in their address confirms neither; sites of one organisation may share words."""
    north = made(1, "North Trust", ("northvale", "exmouth")).facts
    again = made(2, "north  trust", ("northvale", "ilford")).facts
    south = made(3, "South Trust", ("southmere", "exmouth")).facts
    unknown = made(4, None, ("exmouth",)).facts
    assert distinctive_words([north, again, south, unknown]) == [
        ("northvale",),
        ("northvale", "ilford"),
        ("southmere",),
        ("exmouth",),
    ]
