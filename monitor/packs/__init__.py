"""Query packs: what leaks are looked for by, kept as YAML and turned into each platform's queries.

Packs ship beside this module; an organisation's own lie in the folder of the setting `pack_dir`, and one of
the same name there is used in place of the shipped one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connectors.query import Terms
from monitor.errors import InvalidInput
from monitor.settings import Settings
from monitor.yaml_file import YamlFile

SHIPPED = Path(__file__).parent
SUFFIX = ".yaml"

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120, pattern=r"\w")]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^#?\w+$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=False)


class Organisation(_Part):
    """Whose patients may be exposed, by every name that people use."""

    name: Term
    sites: tuple[Term, ...] = ()
    abbreviations: tuple[Term, ...] = ()
    nicknames: tuple[Term, ...] = ()
    """What staff call it, and its mess and groups."""
    hashtags: tuple[Tag, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the fullest first."""
        return (self.name, *self.sites, *self.abbreviations, *self.nicknames)


class Pack(_Part):
    """One pack."""

    about: str = Field(min_length=1, max_length=500)
    phrases: tuple[Term, ...] = ()
    """What people write when they leak: telling by themselves."""
    letterhead: tuple[Term, ...] = ()
    """Words printed on records, which people repeat in captions and alternative texts."""
    slang: tuple[Term, ...] = ()
    """Ward slang: telling beside a word of `context`."""
    context: tuple[Term, ...] = ()
    """Words of which one must stand beside a name, letterhead or slang, where a platform can be asked so."""
    hashtags: tuple[Tag, ...] = ()
    organisations: tuple[Organisation, ...] = ()

    @model_validator(mode="after")
    def _looks_for_something(self) -> Pack:
        if not (self.phrases or self.letterhead or self.slang or self.hashtags or self.organisations):
            raise ValueError("Name at least one of phrases, letterhead, slang, hashtags and organisations")
        return self


def read_pack(path: Path) -> Pack:
    """The pack in a file. Raises InvalidInput with file, line and mistake."""
    return YamlFile(path).parse(Pack)


def pack_files(settings: Settings) -> dict[str, Path]:
    """Every pack's file by its name, the organisation's own before the shipped ones."""
    folders = (SHIPPED, settings.resolved_pack_dir)
    return {file.stem: file for folder in folders for file in sorted(folder.glob(f"*{SUFFIX}"))}


def find_pack(settings: Settings, name: str) -> Pack:
    """The pack of that name. Raises InvalidInput."""
    files = pack_files(settings)
    if name not in files:
        near = get_close_matches(name, files, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise InvalidInput(
            f"There is no query pack {name!r}{hint}; known: {', '.join(sorted(files))}."
            f" Your own lie in {settings.resolved_pack_dir}."
        )
    return read_pack(files[name])


def terms_of(packs: Sequence[Pack]) -> Terms:
    """What several packs look for together: the context of one serves the names of all."""
    bodies = [body for pack in packs for body in pack.organisations]
    return Terms(
        phrases=_once(term for pack in packs for term in pack.phrases),
        names=_once(
            [*(n for body in bodies for n in body.names), *(t for pack in packs for t in pack.letterhead)]
        ),
        slang=_once(word for pack in packs for word in pack.slang),
        context=_once(term for pack in packs for term in pack.context),
        hashtags=_once(
            tag.lstrip("#")
            for pack in packs
            for tag in (*pack.hashtags, *(tag for body in pack.organisations for tag in body.hashtags))
        ),
    )


def _once(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple({term.casefold(): term for term in terms}.values())
