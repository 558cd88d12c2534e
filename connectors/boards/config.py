"""A source of imageboards: its settings, and where a board's things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator

from connectors.kind import Settings

Board = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+-]{1,40}$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{22}==$")]


class BoardsConfig(Settings):
    """Settings of one source of boards."""

    boards: tuple[Board, ...] = Field(min_length=1, max_length=20)
    """Names without slashes."""
    software: Literal["4chan", "vichan"] = "4chan"
    site: str | None = None
    """The site's address, for vichan."""
    skip_md5: frozenset[Md5] = frozenset()
    """Files that are known and harmless, by their MD5 in base64 as boards give it: never downloaded."""
    threads_per_run: int = Field(default=100, ge=1, le=1000)
    """How many threads one run reads at most; the next goes on."""
    pause_seconds: float = Field(default=1.0, ge=0.0, le=30.0)
    """Between two requests; 4chan asks for at least one second."""
    api_url: str = "https://a.4cdn.org"
    image_url: str = "https://i.4cdn.org"
    page_url: str = "https://boards.4chan.org"

    @model_validator(mode="after")
    def _has_its_site(self) -> BoardsConfig:
        if (self.software == "vichan") != (self.site is not None):
            raise ValueError("Name the site for vichan, and none for 4chan")
        return self


@dataclass(frozen=True, slots=True)
class Places:
    """Where the things of a site are."""

    api: str
    images: str
    pages: str
    is_4chan: bool

    @classmethod
    def of(cls, config: BoardsConfig) -> Places:
        """The places of a source's site."""
        if config.site is None:
            urls = (config.api_url, config.image_url, config.page_url)
            api, images, pages = (url.rstrip("/") for url in urls)
            return cls(api, images, pages, True)
        site = config.site.rstrip("/")
        return cls(site, site, site, False)

    def threads(self, board: str) -> str:
        """Path of the list of a board's threads."""
        return f"/{board}/threads.json"

    def thread(self, board: str, number: int) -> str:
        """Path of one thread."""
        return f"/{board}/{'thread' if self.is_4chan else 'res'}/{number}.json"

    def file(self, board: str, name: str) -> str:
        """Address of a file, by the name it has there."""
        return f"{self.images}/{board}/{'' if self.is_4chan else 'src/'}{quote(name)}"

    def page(self, board: str, thread: int, number: int) -> str:
        """Address of a post for people."""
        if self.is_4chan:
            return f"{self.pages}/{board}/thread/{thread}#p{number}"
        return f"{self.pages}/{board}/res/{thread}.html#{number}"
