"""The table of connectors and the reading of settings against it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import SecretStr

from connectors.base import AuthenticationFailed, ConfigurationInvalid, SourceUnavailable
from connectors.folder import KIND
from connectors.kind import ConnectorContext
from connectors.registry import CONNECTORS, build, parse_config, parse_credentials, table

KNOWN = ", ".join(sorted(CONNECTORS))


@pytest.mark.parametrize(
    ("kind", "settings", "sentence"),
    [
        (
            "foldr",
            {},
            f"There is no connector 'foldr' (did you mean 'folder'?); known: {KNOWN}.",
        ),
        ("folder", {}, "folder source: path is missing."),
        (
            "folder",
            {"pth": "x", "path": "/srv"},
            "folder source: pth is not a setting (did you mean 'path'?); known: path, recursive, "
            "settle_seconds, max_file_bytes, id_prefix.",
        ),
        (
            "folder",
            {"path": "/srv", "settle_seconds": -1},
            "folder source: settle_seconds: input should be greater than or equal to 0.",
        ),
        (
            "reddit",
            {"searches": [{"query": "x", "subredit": "nhs"}]},
            "reddit source: searches.0.subredit is not a setting (did you mean 'subreddit'?); known: query, "
            "subreddit.",
        ),
        ("reddit", {}, "reddit source: name at least one of subreddits, searches, users and multireddits."),
    ],
)
def test_what_is_wrong_with_settings(kind: str, settings: dict[str, object], sentence: str) -> None:
    """One sentence names the field, what is wrong with it and the nearest valid name."""
    with pytest.raises(ConfigurationInvalid) as invalid:
        parse_config(kind, settings)
    assert str(invalid.value) == sentence


def test_credentials_are_never_shown() -> None:
    """A credential's value stands neither in a message nor in a repr."""
    with pytest.raises(ConfigurationInvalid) as invalid:
        parse_credentials("reddit", {"client_id": "a", "client_secret": ["hush"], "pasword": "hush"})
    assert "hush" not in str(invalid.value)
    assert invalid.value.__cause__ is None
    credentials = parse_credentials("reddit", {"client_id": "a", "client_secret": "hush"})
    assert "hush" not in repr(credentials)
    assert credentials is not None
    assert isinstance(credentials.client_secret, SecretStr)


def test_credentials_where_none_are_taken() -> None:
    """A connector without credentials refuses some, and takes none or an empty mapping."""
    assert parse_credentials("folder", None) is None
    assert parse_credentials("folder", {}) is None
    with pytest.raises(ConfigurationInvalid, match="takes no credentials"):
        parse_credentials("folder", {"token": "x"})


def test_settings_cannot_be_changed() -> None:
    """Parsed settings are frozen."""
    config = parse_config("folder", {"path": "/srv"})
    with pytest.raises(ValueError, match="frozen"):
        config.path = "/etc"  # type: ignore[attr-defined]


def test_subreddits_are_taken_with_or_without_prefix() -> None:
    """People write r/nhs and /r/nhs; both mean nhs."""
    config = parse_config("reddit", {"subreddits": ["r/nhs", "/r/doctorsUK", "nursing"]})
    assert config.model_dump()["subreddits"] == ("nhs", "doctorsUK", "nursing")


def test_two_connectors_of_one_name() -> None:
    """The table refuses a second connector of the same name."""
    with pytest.raises(ValueError, match="two connectors are called 'folder'"):
        table([KIND, KIND])


def test_every_kind_describes_itself() -> None:
    """Each row has its key's name and a one-sentence summary."""
    for name, kind in CONNECTORS.items():
        assert kind.name == name
        assert kind.summary.endswith(".")
        assert kind.summary.count(". ") == 0


def test_a_source_that_cannot_work_is_not_built(context: ConnectorContext) -> None:
    """Construction raises instead of giving a connector that is not ready."""
    with pytest.raises(SourceUnavailable, match="create or mount it"):
        build("folder", {"path": "/nowhere/at/all"}, None, context)
    with pytest.raises(ConfigurationInvalid, match="not a folder"):
        build("folder", {"path": __file__}, None, context)
    credentials = {"client_id": "a", "client_secret": "b"}
    with pytest.raises(ConfigurationInvalid, match="allow-list"):
        build("reddit", {"subreddits": ["nhs"], "oauth_url": "http://127.0.0.1:1"}, credentials, context)


def test_reddit_without_credentials(context: ConnectorContext) -> None:
    """A Reddit source for which no credentials were given says which it needs."""
    config = parse_config("reddit", {"subreddits": ["nhs"]})
    with pytest.raises(AuthenticationFailed, match="client_id and client_secret"):
        CONNECTORS["reddit"].build(config, None, context)


def test_importing_the_table_loads_no_platform_library() -> None:
    """The table is cheap to import: PRAW loads when a Reddit source is built."""
    code = "import sys, connectors.registry; sys.exit('praw' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
