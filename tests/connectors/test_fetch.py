"""The guarded fetcher against a server that does its worst."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import is_public, parse_target
from connectors.base import AttachmentRefused, RateLimited, SourceUnavailable
from connectors.fetch import Fetched, GuardedFetcher
from tests.connectors.certificates import certificates
from tests.connectors.hostile_server import PICTURE, HostileServer, hostile_server

MakeFetcher = Callable[..., GuardedFetcher]

TRUST = httpx.create_ssl_context(trust_env=False)

NOT_PUBLIC = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::", "3fff::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip


@pytest.fixture
def server() -> Iterator[HostileServer]:
    """A hostile server on loopback."""
    with hostile_server() as running:
        yield running


@pytest.fixture
def fetcher(server: HostileServer) -> MakeFetcher:
    """Builds fetchers for which the hostile server's own address is on the allow-list."""

    def make(**options: object) -> GuardedFetcher:
        settings: dict[str, object] = {
            "max_bytes": 100_000,
            "user_agent": "leakwatch-test/1",
            "allow_hosts": {server.place},
        }
        settings["ssl_context"] = TRUST
        return GuardedFetcher(**(settings | options))

    return make


def answers(*addresses: str) -> Callable[[str, int], list[str]]:
    """A name server that gives every name the same addresses."""
    return lambda host, port: list(addresses)


class TestFetching:
    def test_bytes_and_provenance(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A plain file comes with its bytes, status, chosen headers, final URL and peer address."""
        fetched = fetcher().fetch(server.url("/picture#part"))
        assert fetched.data == PICTURE
        assert (fetched.status, fetched.content_type, fetched.peer) == (200, "image/png", "127.0.0.1")
        assert fetched.final_url == server.url("/picture")
        assert fetched.headers["etag"] == '"e1"'
        assert not {"set-cookie", "x-other"} & set(fetched.headers)

    def test_sends_nothing_of_ours(
        self, server: HostileServer, fetcher: MakeFetcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No cookie, referrer, credential or proxy of the environment goes along, also after redirects."""
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        fetched = fetcher().fetch(server.url("/redirect//picture"))
        assert fetched.hops == (server.url("/redirect//picture"),)
        assert fetched.data == PICTURE
        for _, headers in server.requests:
            assert headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
            assert headers["host"] == server.place

    def test_compressed_answer(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A server that compresses unasked is understood."""
        assert fetcher().fetch(server.url("/zipped")).data == PICTURE

    def test_a_path_is_escaped(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """Spaces and foreign letters of a URL are sent escaped."""
        fetcher().fetch(server.url("/picture/an \u00e9t\u00e9"))
        assert server.requests[0][0] == "/picture/an%20%C3%A9t%C3%A9"

    def test_content_length_that_is_too_small(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """No more than the declared length is taken."""
        assert fetcher().fetch(server.url("/modest")).data == PICTURE[:4]

    def test_exactly_the_limit(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A file of exactly the allowed size is taken, one byte more is not."""
        assert fetcher(max_bytes=len(PICTURE)).fetch(server.url("/picture")).data == PICTURE
        with pytest.raises(AttachmentRefused, match="more than"):
            fetcher(max_bytes=len(PICTURE) - 1).fetch(server.url("/picture"))

    def test_probe_tells_any_status(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A probe gives the status of what is gone instead of raising."""
        assert fetcher().probe(server.url("/status/410")).status == 410


class TestRefused:
    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("/endless", "more than the 100000 bytes"),
            ("/boast", "more than the 100000 bytes"),
            ("/bomb", "more than the 100000 bytes"),
            ("/huge", "more than the 100000 bytes"),
            ("/huge/silent", "more than the 100000 bytes"),
            ("/mangled", "do not decompress"),
            ("/exotic", "content encoding"),
            ("/loop", "redirects more than 3 times"),
            ("/chain/3", "redirects more than 3 times"),
            ("/control", "control character"),
            ("/redirect/file:///etc/passwd", "Only http and https"),
            ("/redirect/ftp://127.0.0.1/x", "Only http and https"),
            ("/redirect/http://127.0.0.1:1/x", "Port 1 is not"),
            ("/redirect/http://127.0.0.1/x", "127.0.0.1 is not a public address"),
            ("/redirect/http://localhost/x", "localhost is not a public address"),
            ("/redirect/http://[::ffff:127.0.0.1]/x", "not a public address"),
            ("/redirect/http://2130706433/x", "number in disguise"),
            ("/redirect/http://169.254.169.254/latest/meta-data", "not a public address"),
            ("/redirect/http://user:secret@example.org/", "credentials"),
            ("/status/404", "answered 404"),
            ("/status/403", "answered 403"),
            ("/status/204", "answered 204"),
            ("/status/451", "answered 451"),
        ],
    )
    def test_by_path(self, server: HostileServer, fetcher: MakeFetcher, path: str, reason: str) -> None:
        """Each attack ends in a refusal that says why."""
        with pytest.raises(AttachmentRefused, match=reason):
            fetcher().fetch(server.url(path))

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("http://example.org/a\x00b", "control character"),
            ("http://example.org/a\r\nHost: evil", "control character"),
            ("http://exam\\ple.org/", "backslash"),
            ("http://user@example.org/", "credentials"),
            ("file:///etc/passwd", "Only http"),
            ("gopher://example.org/", "Only http"),
            ("javascript:alert(1)", "Only http"),
            ("//example.org/x", "Only http"),
            ("http:///x", "well-formed"),
            ("http://exa mple.org/", "well-formed"),
            ("http://ex%61mple.org/", "well-formed"),
            ("http://127.0.0.1.:80/", "number in disguise"),
            ("http://0x7f.0.0.1/", "number in disguise"),
            ("http://0177.0.0.1/", "not well formed"),
            ("http://127.1/", "number in disguise"),
            ("http://2130706433/", "number in disguise"),
            ("http://[::ffff:7f00:1]/", "not a public address"),
            ("http://[::ffff:169.254.169.254]/", "not a public address"),
            ("http://[::1]/", "not a public address"),
            ("http://017700000001/", "number in disguise"),
            ("http://example.org:22/", "Port 22"),
            ("http://example.org:0/", "Port 0"),
            ("https://example.org:8443/", "Port 8443"),
            ("http://[fe80::1%25eth0]/", "well-formed|public"),
            ("http://example.org/" + "a" * 9000, "longer than"),
        ],
    )
    def test_by_form(self, fetcher: MakeFetcher, url: str, reason: str) -> None:
        """A URL that breaks a rule of form is refused before any name is resolved."""

        def never(host: str, port: int) -> list[str]:
            raise AssertionError(f"{host} was resolved")

        with pytest.raises(AttachmentRefused, match=reason):
            fetcher(resolver=never).fetch(url)

    @pytest.mark.parametrize("address", NOT_PUBLIC)
    def test_by_address(self, server: HostileServer, fetcher: MakeFetcher, address: str) -> None:
        """A name that resolves to anything but a public address is refused, alone and in company."""
        for answer in (answers(address), answers("8.8.8.8", address)):
            with pytest.raises(AttachmentRefused, match=r"innocent.example is not a public address"):
                fetcher(resolver=answer).fetch("http://innocent.example/x.png")
        assert server.requests == []

    def test_the_message_keeps_the_path_to_itself(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A path may hold a patient's number, so no message repeats it."""
        with pytest.raises(AttachmentRefused) as refused:
            fetcher().fetch(server.url("/status/404?nhs=9990000018"))
        assert "9990000018" not in str(refused.value)

    def test_a_bomb_takes_no_memory(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A compressed bomb of 50 MB is refused without ever being held."""
        tracemalloc.start()
        try:
            with pytest.raises(AttachmentRefused):
                fetcher().fetch(server.url("/bomb"))
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


class TestUnavailable:
    @pytest.mark.parametrize("path", ["/trickle", "/headers", "/silence"])
    def test_slow_servers(self, server: HostileServer, fetcher: MakeFetcher, path: str) -> None:
        """However slowly bytes trickle, the whole fetch ends at its deadline."""
        started = time.monotonic()
        with pytest.raises(SourceUnavailable, match=r"took longer than 0\.4 seconds"):
            fetcher(total_timeout=0.4).fetch(server.url(path))
        assert time.monotonic() - started < 2

    def test_the_deadline_covers_all_hops(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A redirect does not start the clock afresh."""

        def slow(host: str, port: int) -> list[str]:
            time.sleep(0.3)
            return ["127.0.0.1"]

        allow = {f"a.example:{server.port}"}
        with pytest.raises(SourceUnavailable, match=r"in time|took longer"):
            fetcher(total_timeout=0.5, resolver=slow, allow_hosts=allow).fetch(
                server.url("/loop", host="a.example")
            )

    @pytest.mark.parametrize("status", [500, 502, 503, 408])
    def test_transient_statuses(self, server: HostileServer, fetcher: MakeFetcher, status: int) -> None:
        """A server in trouble may be asked again later."""
        with pytest.raises(SourceUnavailable, match=f"answered {status}"):
            fetcher().fetch(server.url(f"/status/{status}"))

    @pytest.mark.parametrize(("path", "seconds"), [("/status/429/7", 7), ("/status/429", 60)])
    def test_rate_limit(self, server: HostileServer, fetcher: MakeFetcher, path: str, seconds: float) -> None:
        """Too many requests comes with the time to wait."""
        with pytest.raises(RateLimited) as limited:
            fetcher().fetch(server.url(path))
        assert limited.value.retry_after == seconds

    @pytest.mark.parametrize("path", ["/short", "/junk", "/cut"])
    def test_broken_answers(self, server: HostileServer, fetcher: MakeFetcher, path: str) -> None:
        """An answer that is cut off or is not HTTP never passes for a file."""
        with pytest.raises(SourceUnavailable):
            fetcher().fetch(server.url(path))

    def test_name_that_does_not_resolve(self, fetcher: MakeFetcher) -> None:
        """A name server without an answer is a transient trouble."""

        def nothing(host: str, port: int) -> list[str]:
            raise socket.gaierror("no such name")

        with pytest.raises(SourceUnavailable, match="does not resolve"):
            fetcher(resolver=nothing).fetch("http://nowhere.example/")

    def test_nobody_listens(self, fetcher: MakeFetcher) -> None:
        """A refused connection is a transient trouble."""
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{unused.getsockname()[1]}"
            with pytest.raises(SourceUnavailable, match="No connection"):
                fetcher(allow_hosts={place}).fetch(f"http://{place}/")


class TestRebinding:
    def test_one_resolution_for_one_connection(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A name server that changes its answer is asked once, and its first answer is what is used."""
        replies = iter([["127.0.0.1"], ["10.0.0.1"]])
        rebind = fetcher(
            resolver=lambda host, port: next(replies), allow_hosts={f"rebind.example:{server.port}"}
        )
        fetched = rebind.fetch(server.url("/picture", host="rebind.example"))
        assert fetched.peer == "127.0.0.1"
        assert next(replies) == ["10.0.0.1"]
        assert server.requests[0][1]["host"] == f"rebind.example:{server.port}"

    def test_a_second_answer_is_checked_again(self, server: HostileServer, fetcher: MakeFetcher) -> None:
        """A redirect back to a name resolves and checks it again."""
        first = fetcher(resolver=answers("10.0.0.1"))
        with pytest.raises(AttachmentRefused, match="not a public address"):
            first.fetch(server.url("/redirect/http://rebind.example/picture"))
        assert len(server.requests) == 1


class TestTls:
    def test_the_name_stays_the_name(self, tmp_path: Path) -> None:
        """Over TLS the pinned address changes neither the server name asked for nor the one verified."""
        serving, trusting = certificates(tmp_path, "secure.example")
        asked: list[str | None] = []
        serving.sni_callback = lambda sock, name, context: asked.append(name)
        with hostile_server(serving) as server:
            fetched = tls_fetch(server, trusting, "secure.example")
            assert fetched.data == PICTURE
            assert asked == ["secure.example"]
            with pytest.raises(SourceUnavailable):
                tls_fetch(server, trusting, "other.example")


def tls_fetch(server: HostileServer, trusting: ssl.SSLContext, name: str) -> Fetched:
    """Fetch the picture over TLS from the server under a name."""
    fetcher = GuardedFetcher(
        max_bytes=100_000,
        user_agent="leakwatch-test/1",
        allow_hosts=frozenset({f"{name}:{server.port}"}),
        resolver=answers("127.0.0.1"),
        ssl_context=trusting,
    )
    return fetcher.fetch(f"https://{name}:{server.port}/picture")


@given(st.text())
def test_any_text_as_url(text: str) -> None:
    """Whatever stands where a URL should, it is taken apart or refused, and nothing else happens."""
    for url in (text, f"http://{text}/", f"https://example.org/{text}", f"http://example.org:{text}/"):
        try:
            target = parse_target(url)
        except AttachmentRefused:
            continue
        assert target.scheme in {"http", "https"}
        assert target.port in {80, 443}


@given(st.ip_addresses(v=4))
def test_embedded_addresses_follow_the_inner_one(inner: ipaddress.IPv4Address) -> None:
    """A NAT64 address is as public as the IPv4 address in it; a mapped one never is."""
    nat64 = ipaddress.IPv6Address((0x64FF9B << 96) | int(inner))
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | int(inner))
    assert is_public(str(nat64)) == is_public(str(inner))
    assert not is_public(str(mapped))


def test_ordinary_public_addresses() -> None:
    """Addresses of the public Internet are accepted."""
    assert is_public("8.8.8.8")
    assert is_public("151.101.1.140")
    assert is_public("2a04:4e42::396")
