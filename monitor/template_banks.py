"""The files that hold all templates in use, which workers map (`detectors.templates.bank`).

A file is named by the digest of what is in it and written by whoever needs it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from detectors.templates.bank import BankFile, TemplateBank, bank_digest
from detectors.templates.packing import unpack
from monitor.settings import Settings
from monitor.writeonce import make_private_directory

BANKS_KEPT = 4
"""Bank files that stay: a task that waits for its turn may still name an older one."""


def bank_file(settings: Settings, digests: Sequence[str]) -> BankFile | None:
    """Where the bank of the templates with these digests lies, or would; None for no templates."""
    if not digests:
        return None
    digest = bank_digest([each.encode() for each in digests])
    return BankFile(str(settings.data_dir.resolve() / "templates" / f"{digest}.bank"), digest)


def write_bank(path: Path, packed: Sequence[bytes]) -> None:
    """Write the templates' file, and remove those that nobody names any more."""
    make_private_directory(path.parent)
    TemplateBank.of([unpack(each) for each in packed]).save(path)
    banks = sorted(path.parent.glob("*.bank"), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in banks[BANKS_KEPT:]:
        with suppress(FileNotFoundError):
            old.unlink()


def bank_in(folder: Path, packed: Sequence[bytes]) -> BankFile:
    """A bank of templates that are in no database."""
    digest = bank_digest(packed)
    write_bank(folder / f"{digest}.bank", packed)
    return BankFile(str(folder / f"{digest}.bank"), digest)
