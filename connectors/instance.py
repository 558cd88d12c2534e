"""Settings of platforms that many servers run: the server's address, and a token for each."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from connectors.kind import Settings


class InstanceCredentials(Settings):
    """Access tokens by instance host, for instances that show or do little without one."""

    tokens: Mapping[str, SecretStr] = Field(default_factory=dict)

    def of(self, host: str) -> str | None:
        """The token for an instance, or None."""
        token = self.tokens.get(host.lower())
        return token.get_secret_value() if token else None


class InstanceConfig(Settings):
    """Settings of a source on one server."""

    instance: str
    """The server's address: "https://social.example"."""

    @field_validator("instance")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        address = value.strip().rstrip("/")
        address = address if "://" in address else f"https://{address}"
        if not urlsplit(address).hostname:
            raise ValueError("Is not an address; write it like https://social.example")
        return address

    @property
    def host(self) -> str:
        """The instance's host, with its port when that is not the scheme's own."""
        return urlsplit(self.instance).netloc.lower()
