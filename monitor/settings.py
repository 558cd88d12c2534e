"""Settings: one frozen, typed object, read once at the edge and passed in.

Sources, later ones win: defaults, the TOML file named by `LEAKWATCH_CONFIG`, environment variables
`LEAKWATCH_<NAME>` (nested: `LEAKWATCH_REDDIT__CLIENT_ID`). Unknown names are refused.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from connectors.bluesky.config import BlueskyCredentials
from connectors.discord.connector import DiscordCredentials
from connectors.gists.connector import GistsCredentials
from connectors.instance import InstanceCredentials
from connectors.mailbox.config import MailboxCredentials
from connectors.meta.client import MetaCredentials
from connectors.reddit.client import RedditCredentials
from connectors.telegram.mtproto import TelegramCredentials
from connectors.tiktok.client import TiktokCredentials
from connectors.tumblr.connector import TumblrCredentials
from connectors.x.config import XCredentials
from connectors.youtube.connector import YoutubeCredentials
from detectors.model import Preset, model
from monitor.errors import ConfigurationError

PREFIX = "LEAKWATCH_"
CONFIG_FILE = "LEAKWATCH_CONFIG"
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on
OUTSIDE = frozenset({CONFIG_FILE, "LEAKWATCH_RECORDINGS"})
"""Variables with our prefix that are not settings."""


class Settings(BaseSettings):
    """Every setting of leakwatch. `docs/settings.md` describes each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", frozen=True, extra="forbid", validate_default=True
    )

    data_dir: Path = Field(default=Path("var/leakwatch"), description="Folder of the embedded default.")
    database_url: str = Field(
        default="", repr=False, description="SQLAlchemy URL; empty means SQLite in the data folder."
    )
    master_key_file: Path | None = Field(
        default=None, description="File of the master key; made at first start in the data folder when unset."
    )
    organisation: str = Field(default="", description="Whose monitor this is; printed on bundles.")

    host: str = Field(default="127.0.0.1", description="Address the web server listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port the web server listens on.")
    public_url: str = Field(default="", description="Address people use, when it is not http://host:port.")
    secure_cookies: bool = Field(default=False, description="Send session cookies over HTTPS only.")
    session_hours: int = Field(default=12, ge=1, le=168, description="How long a console session lasts.")

    workers: int = Field(default=0, ge=0, le=256, description="Examining processes; 0 means one per core.")
    worker_memory_mb: int = Field(
        default=4096, ge=1024, description="Address space of one examining process."
    )
    examine_timeout: float = Field(default=120.0, gt=0, description="Seconds one file may take to examine.")
    lease_seconds: float = Field(
        default=300.0, gt=0, description="After this long a silent worker's work is retaken."
    )
    max_attempts: int = Field(default=3, ge=1, le=20, description="Tries before an item is kept as failed.")
    retry_seconds: float = Field(
        default=10.0, ge=0, description="Wait before the second try; doubles each time."
    )

    failed_days: int = Field(
        default=30, ge=1, le=365, description="Days a failed post keeps its content for a retry."
    )

    retro_days: int = Field(
        default=30, ge=1, le=365, description="Days back that a newly registered template is looked for."
    )

    ocr_engine: Literal["cascade", "rapidocr", "tesserocr", "tesseract"] = Field(
        default="cascade", description="Which engine reads."
    )
    fingerprint_index: Literal["auto", "memory", "postgresql"] = Field(
        default="auto",
        description="Where known pictures are searched; auto: in PostgreSQL when that is used.",
    )
    accept_unissued_numbers: bool = Field(
        default=False,
        description="Treat never-issued (test) numbers like issued ones: demo and benchmarks only.",
    )
    alert_preset: Preset = Field(
        default="balanced",
        description="balanced; precision: fewer false alerts, more misses; recall: the reverse.",
    )
    alert_threshold: float | None = Field(
        default=None, gt=0, lt=1, description="Score from which a post alerts, in place of the preset's."
    )
    register_fields: int = Field(
        default=2, ge=1, le=3, description="Supporting fields that match a register without a number."
    )

    max_attachment_mb: int = Field(default=50, ge=1, le=500, description="Largest attachment acquired.")
    max_megapixels: int = Field(default=40, ge=1, le=400, description="Largest picture decoded at full size.")
    use_libreoffice: bool = Field(
        default=True, description="Draw office documents with LibreOffice where it is installed."
    )
    follow_links: Literal["none", "pictures", "all"] = Field(
        default="pictures",
        description="Links in posts that are looked behind; pictures: known picture hosts.",
    )
    fetch_allow_hosts: frozenset[str] = Field(
        default=frozenset(), description="host:port pairs that may be fetched although they are not public."
    )
    recording_hours: int = Field(
        default=24, ge=1, le=168, description="Hours that a recorded answer of a platform is kept."
    )
    availability_hours: int = Field(
        default=6,
        ge=0,
        le=168,
        description="How often it is looked whether an open alert's fresh posts are still shown; 0: never.",
    )
    poll_seconds: int = Field(
        default=300, ge=1, description="The wait between two readings of a source, until it adapts."
    )
    poll_min_seconds: int = Field(default=60, ge=1, description="Shortest wait that a busy source adapts to.")
    poll_max_seconds: int = Field(
        default=1800, ge=1, description="Longest wait that a quiet source adapts to."
    )
    pack_dir: Path | None = Field(
        default=None, description="Folder of your own query packs; `packs` in the data folder when unset."
    )
    daily_caps: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Most that all sources together spend in a UTC day, by meter: connector.meter.",
    )
    meter_prices: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="What a unit of a meter costs, to show what was spent."
    )
    bluesky: BlueskyCredentials | None = Field(default=None, description="A Bluesky account.")
    discord: DiscordCredentials | None = Field(default=None, description="A Discord bot.")
    facebook: MetaCredentials | None = Field(
        default=None, description="A reviewed application of Meta's, for Facebook's pages."
    )
    gists: GistsCredentials | None = Field(default=None, description="A token of GitHub's.")
    instagram: MetaCredentials | None = Field(
        default=None, description="A reviewed application of Meta's, for Instagram's hashtags."
    )
    lemmy: InstanceCredentials | None = Field(default=None, description="Tokens of Lemmy servers.")
    mailbox: MailboxCredentials | None = Field(default=None, description="Passwords of mailboxes.")
    mastodon: InstanceCredentials | None = Field(
        default=None, description="Access tokens of Mastodon servers."
    )
    reddit: RedditCredentials | None = Field(default=None, description="Credentials of the Reddit app.")
    telegram: TelegramCredentials | None = Field(
        default=None, description="A Telegram account, for reading through Telegram's own protocol."
    )
    tiktok: TiktokCredentials | None = Field(
        default=None, description="A client approved for TikTok's Research API."
    )
    tumblr: TumblrCredentials | None = Field(default=None, description="A Tumblr application.")
    x: XCredentials | None = Field(default=None, description="A paid application of X.")
    youtube: YoutubeCredentials | None = Field(default=None, description="A key of YouTube's Data API.")

    reports_per_hour: int = Field(
        default=60, ge=1, le=10_000, description="Reports that one user or key may make in an hour."
    )
    anonymous_reports: bool = Field(
        default=False, description="Let anybody who can open the report page report, without signing in."
    )
    anonymous_reports_per_hour: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Anonymous reports from one address in an hour; from all, 20 times that.",
    )
    report_days: int = Field(
        default=90, ge=1, le=3650, description="Days that a report's note and reference are kept."
    )

    notify_urls: tuple[SecretStr, ...] = Field(
        default=(), description="Apprise addresses that are told of new and escalated alerts, masked."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level logged."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: console on a terminal, JSON elsewhere."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over environment over the TOML file."""
        file = os.environ.get(CONFIG_FILE)
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return init_settings, env_settings, *toml

    @property
    def resolved_database_url(self) -> str:
        """The database's URL, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'leakwatch.db'}"

    @property
    def resolved_master_key_file(self) -> Path:
        """Where the master key lies."""
        return self.master_key_file or self.data_dir / "keys" / "master.key"

    @property
    def threshold(self) -> float:
        """The score from which a post alerts, unless its source says otherwise."""
        return self.alert_threshold or model().thresholds[self.alert_preset]

    @property
    def evidence_dir(self) -> Path:
        """Root of the local evidence store."""
        return self.data_dir / "evidence"

    @property
    def register_dir(self) -> Path:
        """Where the registers' digests lie."""
        return self.data_dir / "registers"

    @property
    def index_dir(self) -> Path:
        """Where the index of known pictures is kept between starts."""
        return self.data_dir / "index"

    @property
    def resolved_pack_dir(self) -> Path:
        """Where the organisation's own query packs lie."""
        return self.pack_dir or self.data_dir / "packs"

    @property
    def bundle_dir(self) -> Path:
        """Where bundles are written."""
        return self.data_dir / "bundles"

    @property
    def base_url(self) -> str:
        """The console's address as people use it, without a trailing slash."""
        host = "localhost" if self.host in ANY_ADDRESS else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def worker_count(self) -> int:
        """Examining processes, the number of cores filled in."""
        return self.workers or os.cpu_count() or 1


def load_settings(**overrides: Any) -> Settings:
    """Read the settings. Raises ConfigurationError with one sentence about the first thing wrong."""
    _refuse_unknown(os.environ)
    file = os.environ.get(CONFIG_FILE)
    if file and not Path(file).is_file():
        raise ConfigurationError(f"The settings file {file} ({CONFIG_FILE}) does not exist.")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError(_first_problem(error)) from None
    except SettingsError as error:
        raise ConfigurationError(_not_json(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"The settings file {file} ({CONFIG_FILE}) is not TOML: {error}.") from None


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    for variable in sorted(environment):
        if not variable.startswith(PREFIX) or variable in OUTSIDE:
            continue
        hint = _doubt(variable.removeprefix(PREFIX).lower().split("__"))
        if hint is not None:
            raise ConfigurationError(f"{variable} is not a setting of leakwatch.{hint}")


def _doubt(path: Iterable[str]) -> str | None:
    """What was probably meant by the path of a setting that there is not; None when there is one."""
    model: type[BaseModel] | None = Settings
    known: list[str] = []
    for name in path:
        fields = model.model_fields if model else {}
        if name not in fields:
            close = difflib.get_close_matches(name, fields, n=1)
            return (
                f" Did you mean {_variable([*known, *close])}?" if close else " docs/settings.md lists them."
            )
        model = _model_of(fields[name].annotation)
        known.append(name)
    return None


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model of a group of settings, None for a single setting."""
    found = (
        a for a in (annotation, *get_args(annotation)) if isinstance(a, type) and issubclass(a, BaseModel)
    )
    return next(found, None)


def _variable(path: Iterable[str]) -> str:
    return PREFIX + "__".join(path).upper()


def _first_problem(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False)
    problem = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    path = [str(part) for part in problem["loc"]]
    name = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"{name} is not a setting of leakwatch.{_doubt(path) or ''}"
    return f"The setting {name} ({_variable(path)}) is not valid: {problem['msg']}."


def _not_json(error: SettingsError) -> str:
    """A variable that holds a list or a group: the library's error names it in quotes."""
    found = re.search(r'"(\w+)"', str(error))
    name = found[1] if found else "a setting"
    return f"The setting {name} ({_variable([name])}) is not valid: it must be JSON."
