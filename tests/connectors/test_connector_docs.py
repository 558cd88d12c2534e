"""The connectors' pages: same headings, every setting, and examples that work."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import AuthenticationFailed, Connector, PayloadChanged, SourceUnavailable
from connectors.kind import ConnectorContext, ConnectorKind
from connectors.registry import CONNECTORS, parse_config

PAGES = Path(__file__).parents[2] / "docs" / "connectors"
HEADINGS = [
    "What it sees",
    "What it cannot see",
    "Credentials",
    "Limits",
    "Terms",
    "Cost",
    "Example",
    "What has been run live",
]

every_connector = pytest.mark.parametrize("name", sorted(CONNECTORS))


@every_connector
def test_same_headings(name: str) -> None:
    """Each connector has a page, with the same headings in the same order."""
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS


@every_connector
def test_the_index_knows_it(name: str) -> None:
    """Each connector stands in the folder's own page."""
    assert f"[{name}]({name}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")


@every_connector
def test_every_setting_is_told(name: str) -> None:
    """Each setting stands in the page's table, and the page's example settings are accepted."""
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("|")]
    told = {setting for cell in cells for setting in re.findall(r"`(\w+)`", cell)}
    assert set(CONNECTORS[name].config.model_fields) <= told
    (example,) = re.findall(r"```json settings\n(.*?)```", page, re.DOTALL)
    assert parse_config(name, json.loads(example))


class Board(ThreadingHTTPServer):
    """The notice board that the page's example reads."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posts: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def publish(self, count: int) -> None:
        """Add posts."""
        for number in range(len(self.posts) + 1, len(self.posts) + count + 1):
            self.posts.append(
                {
                    "number": number,
                    "link": f"{self.url}/{number}",
                    "text": f"Notice {number} \u00e9",
                    "at": "2026-11-22T12:00:00+00:00",
                    "pictures": [f"{self.url}/{number}.png"],
                }
            )


class _Handler(BaseHTTPRequestHandler):
    server: Board

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""

    def do_GET(self) -> None:
        """The oldest fifty posts after a number."""
        after = int(parse_qs(urlsplit(self.path).query)["after"][0])
        allowed = self.headers["authorization"] == "Bearer right"
        page = [post for post in self.server.posts if post["number"] > after][:50]
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"posts": page}).encode())


@pytest.fixture
def board() -> Iterator[Board]:
    """A notice board on loopback."""
    with Board() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The page's example connector, imported as a module."""
    page = (PAGES / "write-your-own.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    file = tmp_path_factory.mktemp("example") / "board.py"
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("board", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def connect(example: ModuleType, board: Board, context: ConnectorContext, token: str) -> Connector:
    """The example connector, built as the program builds one."""
    kind: ConnectorKind = example.KIND
    assert kind.credentials is not None
    config = kind.config.model_validate({"url": board.url})
    return kind.build(config, kind.credentials.model_validate({"token": token}), context)


def test_the_example_connector(example: ModuleType, board: Board, context: ConnectorContext) -> None:
    """The page's connector resumes after every batch, loses nothing, and ends when there is nothing new."""
    board.publish(120)
    connector = connect(example, board, context, "right")
    assert connector.check().ok
    batches = list(connector.fetch(None))
    assert [len(batch.posts) for batch in batches] == [50, 50, 20]
    for done, batch in enumerate(batches, start=1):
        rest = [post for later in connector.fetch(batch.checkpoint) for post in later.posts]
        assert rest == [post for later in batches[done:] for post in later.posts]
    assert batches[0].posts[0].attachments[0].url == f"{board.url}/1.png"
    connector.close()


def test_the_example_connectors_errors(example: ModuleType, board: Board, context: ConnectorContext) -> None:
    """Refused credentials, another shape and an absent board are what the port calls them."""
    refused = connect(example, board, context, "wrong")
    with pytest.raises(AuthenticationFailed):
        list(refused.fetch(None))
    assert not refused.check().ok
    with pytest.raises(PayloadChanged, match="another shape"):
        example.parse_page({"items": []})
    board.shutdown()
    board.server_close()
    with pytest.raises(SourceUnavailable):
        list(refused.fetch(None))
    refused.close()
