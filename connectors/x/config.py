"""Settings of a source of X."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.kind import Settings, without

SMALLEST_PAGE, LARGEST_PAGE = 10, 100

Handle = Annotated[str, StringConstraints(pattern=r"^\w{1,15}$"), without("^@+")]


class XCredentials(Settings):
    """The bearer token of an application with a paid plan."""

    bearer_token: SecretStr


class XConfig(Settings):
    """Settings of one source of X. Reading costs money, so it must be said that this is known."""

    accept_costs: Literal[True]
    """X bills each post that is read; a source without this is refused."""
    posts_per_day: int = Field(ge=SMALLEST_PAGE, le=1_000_000)
    """The cap: after so many posts nothing more is read on that UTC day."""
    searches: tuple[Annotated[str, StringConstraints(min_length=1, max_length=512)], ...] = ()
    """Queries of the recent search, which reaches seven days back."""
    users: tuple[Handle, ...] = ()
    """Handles without "@"; their posts are read."""
    first_run_posts: int = Field(default=20, ge=SMALLEST_PAGE, le=1000)
    """How far back the first run of a listing reaches."""
    stream: bool = False
    """Whether to stay connected to the filtered stream, with the searches and users as its rules."""
    api_url: str = "https://api.x.com"

    @model_validator(mode="after")
    def _watches_something(self) -> XConfig:
        if not self.searches and not self.users:
            raise ValueError("Name at least one of searches and users")
        return self

    @property
    def queries(self) -> tuple[str, ...]:
        """What is looked for, each once: the same for the search and for the stream."""
        return tuple(dict.fromkeys([*self.searches, *(f"from:{user}" for user in self.users)]))
