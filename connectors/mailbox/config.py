"""A mailbox source's settings, and the passwords of mailboxes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.kind import Settings

HostName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$", max_length=253)
]
Sender = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^(@?[^@\s]+\.[^@\s]+|[^@\s]+@[^@\s]+)$"
    ),
]


class MailboxCredentials(Settings):
    """Passwords of mailboxes by the name that signs in; for the others, an application with OAuth."""

    passwords: dict[str, SecretStr] = Field(default_factory=dict)
    token_url: str | None = None
    """Where the application gets its token: for Exchange Online the tenant's `/oauth2/v2.0/token`."""
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str = "https://outlook.office365.com/.default"

    @model_validator(mode="after")
    def _is_whole(self) -> MailboxCredentials:
        given = (self.token_url, self.client_id, self.client_secret)
        if any(given) and not all(given):
            raise ValueError("Give token_url, client_id and client_secret together, or none of them")
        return self


class MailboxConfig(Settings):
    """Settings of one mailbox source."""

    host: HostName
    """The IMAP server."""
    username: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    """Who signs in; its password stands in the credentials."""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "plain"] = "tls"
    """"tls" from the first byte, "starttls", or "plain" to a peer that the allow-list names."""
    ca_file: Path | None = None
    """Certificates to trust besides the system's, PEM: for a server with a certificate of one's own."""
    folder: Annotated[str, StringConstraints(min_length=1, max_length=255)] = "INBOX"
    """The folder that is read."""
    senders: tuple[Sender, ...] = ()
    """Addresses or domains that may send; mail of others is rejected. None: anybody may."""
    after: Literal["leave", "flag", "move"] = "leave"
    """What becomes of a mail once it is stored: nothing, marked as read, or moved to `move_to`."""
    move_to: Annotated[str, StringConstraints(min_length=1, max_length=255)] = "leakwatch"
    """The folder that mails are moved to, which must be there."""
    max_message_bytes: int = Field(default=40 * 2**20, ge=1024, le=2**30)
    """Larger mails are rejected."""

    @model_validator(mode="after")
    def _moves_elsewhere(self) -> MailboxConfig:
        if self.after == "move" and self.move_to == self.folder:
            raise ValueError("move_to is the folder that is read; name another")
        return self

    def admits(self, sender: str) -> bool:
        """Whether mail of that address is taken."""
        domain = sender.rpartition("@")[2]
        return not self.senders or any(
            sender == each or domain == each.lstrip("@") or domain.endswith("." + each.lstrip("@"))
            for each in self.senders
        )
