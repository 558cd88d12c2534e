"""What one pass over a bundle's zip gives: digests of every file, and the small files' text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.errors import LeakwatchError
from monitor.evidence.bag import PAYLOAD_MANIFESTS, TAG_MANIFEST, Digests, manifest, measure
from monitor.evidence.container import Archive, MemberUnreadable

KEPT_BYTES = 64_000_000
"""Room in memory for the texts of all tag files and item descriptions together."""

DESCRIPTION = re.compile(r"data/items/[^/]+/metadata\.json")
TEXTS = frozenset({"bagit.txt", "bag-info.txt", "custody.jsonl", TAG_MANIFEST, *PAYLOAD_MANIFESTS})
MANIFEST_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{128})  ([A-Za-z0-9._/-]+)")


class ManifestInvalid(LeakwatchError):
    """A manifest is missing or not in the one form bundles have."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A bundle as read. Names are relative to `base`, the top folder; `outside` lists what is not in it."""

    base: str
    digests: Mapping[str, Digests] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    damaged: frozenset[str] = frozenset()
    outside: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Every file in the bag's folder, damaged ones included."""
        return frozenset(self.digests) | self.damaged

    @property
    def payload(self) -> dict[str, Digests]:
        """The readable files under data/."""
        return {name: each for name, each in self.digests.items() if name.startswith("data/")}

    @property
    def descriptions(self) -> list[str]:
        """The items' metadata.json files."""
        return sorted(name for name in self.names if DESCRIPTION.fullmatch(name))

    def stated(self, label: str) -> str | None:
        """The value of a label of bag-info.txt, None when it is missing, repeated or not printable."""
        lines = self.texts.get("bag-info.txt", b"").decode("utf-8", "replace").split("\n")
        values = [line.removeprefix(f"{label}: ") for line in lines if line.startswith(f"{label}: ")]
        return values[0] if len(values) == 1 and values[0].isprintable() else None

    def manifest(self, name: str) -> dict[str, str]:
        """Path to digest. Raises ManifestInvalid unless the bytes are exactly what `bag.manifest` writes."""
        data = self.texts.get(name)
        if data is None:
            raise ManifestInvalid("is missing or cannot be read")
        lines = data.decode("utf-8", "replace").split("\n")
        digests = {match[2]: match[1] for match in map(MANIFEST_LINE.fullmatch, lines) if match}
        width = 64 if "sha256" in name else 128
        if manifest(digests) != data or any(len(digest) != width for digest in digests.values()):
            raise ManifestInvalid("is not a manifest as leakwatch writes it")
        return digests

    def document(self, name: str) -> dict[str, Any]:
        """A small JSON object; {} when it is none."""
        try:
            document = json.loads(self.texts.get(name, b""))
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}


def read_contents(archive: Archive) -> Contents:
    """Read every file once. Damaged files are listed, not raised."""
    base = next(iter(archive.files), "").partition("/")[0]
    digests: dict[str, Digests] = {}
    texts: dict[str, bytes] = {}
    inside = {name.removeprefix(f"{base}/"): name for name in archive.files if name.startswith(f"{base}/")}
    room = KEPT_BYTES
    for name, full_name in inside.items():
        kept = bytearray() if archive.files[full_name].file_size <= room and _is_text(name) else None
        try:
            digests[name] = measure(_keeping(archive.read(full_name), kept))
        except MemberUnreadable:
            continue
        if kept is not None:
            texts[name] = bytes(kept)
            room -= len(kept)
    outside = tuple(sorted(set(archive.files) - set(inside.values())))
    return Contents(base, digests, texts, frozenset(inside) - frozenset(digests), outside)


def _is_text(name: str) -> bool:
    return name in TEXTS or bool(DESCRIPTION.fullmatch(name))


def _keeping(chunks: Iterable[bytes], kept: bytearray | None) -> Iterator[bytes]:
    for chunk in chunks:
        if kept is not None:
            kept += chunk
        yield chunk
