"""Settings: where they come from, and one sentence about whatever is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.errors import ConfigurationError
from monitor.settings import CONFIG_FILE, Settings, load_settings

SECRET = "hunter2-very-secret"


def refusal() -> str:
    """The one sentence with which the settings are refused."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path that LEAKWATCH_CONFIG names; nothing is there yet."""
    path = tmp_path / "leakwatch.toml"
    monkeypatch.setenv(CONFIG_FILE, str(path))
    return path


def test_defaults_are_an_embedded_monitor() -> None:
    """Without any setting, everything lies in one folder and only this machine is listened to."""
    settings = load_settings()
    assert settings.resolved_database_url == f"sqlite:///{settings.data_dir.resolve() / 'leakwatch.db'}"
    assert settings.resolved_master_key_file == settings.data_dir / "keys" / "master.key"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.worker_count >= 1


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("LEAKWATCH_PROT", "LEAKWATCH_PORT"),
        ("LEAKWATCH_DATABASE_URI", "LEAKWATCH_DATABASE_URL"),
        ("LEAKWATCH_REDDIT__CLIENT_IDD", "LEAKWATCH_REDDIT__CLIENT_ID"),
        ("LEAKWATCH_REDIT__CLIENT_ID", "LEAKWATCH_REDDIT"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, variable: str, nearest: str
) -> None:
    """A misspelt variable stops the start, and the sentence names the one that was probably meant."""
    monkeypatch.setenv(variable, "1")
    assert refusal() == f"{variable} is not a setting of leakwatch. Did you mean {nearest}?"


@pytest.mark.parametrize("variable", ["LEAKWATCH_XYZZY", "LEAKWATCH_PORT__X", "LEAKWATCH_"])
def test_an_unknown_variable_near_nothing_points_to_the_page(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What resembles no setting is refused with the page that lists them."""
    monkeypatch.setenv(variable, "1")
    assert refusal() == f"{variable} is not a setting of leakwatch. docs/settings.md lists them."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("OCR_ENGINE", "crystal-ball"),
        ("ALERT_THRESHOLD", "1.5"),
        ("FETCH_ALLOW_HOSTS", "localhost:8000"),
        ("REDDIT", "{broken"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A value that cannot be used is refused by the setting's and the variable's name, without the value."""
    monkeypatch.setenv(f"LEAKWATCH_{name}", value)
    said = refusal()
    assert said.startswith(f"The setting {name.lower()} (LEAKWATCH_{name}) is not valid: ")
    assert value not in said


def test_half_a_group_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials with a part missing are refused by the missing part's variable."""
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_SECRET", SECRET)
    said = refusal()
    assert "LEAKWATCH_REDDIT__CLIENT_ID" in said
    assert SECRET not in said


def test_nested_names_fill_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two underscores reach into a group of settings."""
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_ID", "abc")
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_SECRET", SECRET)
    reddit = load_settings().reddit
    assert reddit is not None
    assert reddit.client_id == "abc"
    assert reddit.client_secret.get_secret_value() == SECRET


def test_a_file_gives_settings_and_the_environment_wins(
    config_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arguments beat the environment, which beats the file, which beats the defaults."""
    config_file.write_text(
        'port = 9000\nworkers = 3\norganisation = "From File"\n[reddit]\nclient_id = "f"\n'
    )
    monkeypatch.setenv("LEAKWATCH_WORKERS", "4")
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_SECRET", SECRET)
    settings = load_settings(organisation="From Argument")
    assert (settings.port, settings.workers, settings.organisation) == (9000, 4, "From Argument")
    assert settings.reddit is not None
    assert settings.reddit.client_id == "f"


def test_an_unknown_name_in_the_file_is_refused(config_file: Path) -> None:
    """A misspelt name in the file is refused like a variable, groups included."""
    config_file.write_text("prot = 1\n")
    assert "LEAKWATCH_PORT" in refusal()
    config_file.write_text('[reddit]\nclient_id = "a"\nclient_secret = "b"\npasword = "c"\n')
    assert refusal().endswith("Did you mean LEAKWATCH_REDDIT__PASSWORD?")


@pytest.mark.parametrize("content", [b"port = = 3", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_one_sentence(config_file: Path, content: bytes | None) -> None:
    """A file that is missing, not TOML or not even text is refused by its path."""
    if content is not None:
        config_file.write_bytes(content)
    assert str(config_file) in refusal()


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither repr nor str of the settings holds a password, a client secret or a channel's address."""
    monkeypatch.setenv("LEAKWATCH_DATABASE_URL", f"postgresql://lw:{SECRET}@db.example/lw")
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_ID", "abc")
    monkeypatch.setenv("LEAKWATCH_REDDIT__CLIENT_SECRET", SECRET)
    monkeypatch.setenv("LEAKWATCH_NOTIFY_URLS", f'["mailto://user:{SECRET}@example.org"]')
    settings = load_settings()
    assert SECRET in settings.database_url
    assert SECRET not in repr(settings) + str(settings)


def test_settings_are_frozen() -> None:
    """Nobody changes a setting after the start."""
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_the_address_people_use() -> None:
    """The public address is used as given; an address that means "any" is shown as localhost."""
    assert Settings(public_url="https://lw.example/").base_url == "https://lw.example"
    assert Settings(host="0.0.0.0", port=81).base_url == "http://localhost:81"
