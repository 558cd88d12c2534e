"""Which hosts and addresses may be fetched from: pure rules, no network.

Registries of special-purpose addresses: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890
and later), as `ipaddress` knows them, plus the ranges named here that it counts as global.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from connectors.base import AttachmentRefused

MAX_URL_LENGTH = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_REFUSED = tuple(
    ip_network(net)
    for net in (
        "192.88.99.0/24",  # 6to4 relay anycast, RFC 7526
        "2002::/16",  # 6to4: carries an IPv4 address of the sender's choice
        "2001::/23",  # IETF protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation, RFC 9637
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart after every rule that needs no name resolution has passed."""

    url: str
    """As it is requested: escaped, without fragment."""
    scheme: str
    host: str
    """Lower-case ASCII name, or an address without brackets."""
    port: int
    path: bytes
    """Path and query as sent."""
    allowed: bool
    """The allow-list names this host and port, so a private address is acceptable."""

    @property
    def host_header(self) -> str:
        """The Host header: the name, with the port when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str, allow_hosts: frozenset[str] = frozenset()) -> Target:
    """Check `url` and take it apart. Raises AttachmentRefused with the rule that it breaks."""
    if _CONTROL.search(url):
        raise AttachmentRefused("The URL holds a control character or a backslash, so it is not fetched.")
    if len(url) > MAX_URL_LENGTH:
        raise AttachmentRefused(f"The URL is longer than {MAX_URL_LENGTH} characters, so it is not fetched.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise AttachmentRefused("The URL is not well formed, so it is not fetched.") from error
    if parsed.scheme not in _DEFAULT_PORTS:
        raise AttachmentRefused("Only http and https URLs are fetched.")
    if parsed.userinfo:
        raise AttachmentRefused("The URL carries credentials, so it is not fetched.")
    host = checked_host(parsed.raw_host.decode("ascii"))
    port = parsed.port if parsed.port is not None else _DEFAULT_PORTS[parsed.scheme]
    allowed = _is_allowed(host, port, allow_hosts)
    if not allowed and port not in _DEFAULT_PORTS.values():
        raise AttachmentRefused(f"Port {port} is not fetched from; only 80 and 443 are.")
    plain = str(parsed.copy_with(fragment=None))
    return Target(plain, parsed.scheme, host, port, parsed.raw_path, allowed)


def checked_host(host: str) -> str:
    """The host in canonical form. Raises AttachmentRefused for numeric disguises and malformed names."""
    host = host.lower()
    address = as_address(host)
    if address is not None:
        return str(address)
    name = host.removesuffix(".")
    if _NUMERIC_LABEL.fullmatch(name.rpartition(".")[2]):
        raise AttachmentRefused("The host is a number in disguise, so it is not fetched.")
    if len(name) > 253 or not _HOST_NAME.fullmatch(name):
        raise AttachmentRefused("The host is not a well-formed name, so it is not fetched.")
    return name


def as_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that `host` spells in canonical form, or None when it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """Whether `address` is an ordinary address of the public Internet."""
    parsed = as_address(address)
    if parsed is None or parsed.is_multicast or not parsed.is_global:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in net for net in _REFUSED if net.version == 4)
    return _is_public_v6(parsed)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    refused = any(address in net for net in _REFUSED if isinstance(net, IPv6Network))
    return address in _GLOBAL_UNICAST and not refused


def _is_allowed(host: str, port: int, allow_hosts: frozenset[str]) -> bool:
    bracketed = f"[{host}]" if ":" in host else host
    if f"{bracketed}:{port}" in allow_hosts:
        return True
    return port in _DEFAULT_PORTS.values() and (host in allow_hosts or bracketed in allow_hosts)
