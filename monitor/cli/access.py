"""`leakwatch user` and `leakwatch key`: people and programs that may come in."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

from monitor.cli.context import open_core
from monitor.cli.output import out

users = typer.Typer(help="People who use the console.", no_args_is_help=True)
keys = typer.Typer(help="API keys of programs.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Its name; it is the actor in the audit log.")]
RoleOption = Annotated[str, typer.Option(help="auditor, reporter, reviewer, coordinator or admin.")]


def operator() -> str:
    """The actor of what is done on the command line: the account's name, or its number."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):  # an account without an entry, as in a container
        return f"cli:uid-{os.getuid()}"


@users.command("create")
def create_user(name: Name, role: RoleOption = "reviewer") -> None:
    """Add a person and print a one-time sign-in link.

    Example: leakwatch user create jo --role coordinator
    """
    from monitor import access, audit

    core = open_core()
    with core.database.transaction() as session:
        access.create_user(session, name=name, role=role, now=core.now())
        audit.record(session, now=core.now(), actor=operator(), action="user.create", item=name, note=role)
    sign_in(name)


@users.command("sign-in")
def sign_in(name: Name) -> None:
    """Print a new one-time sign-in link for a person; it is good for an hour.

    Example: leakwatch user sign-in jo
    """
    from monitor import access, audit

    core = open_core()
    with core.database.transaction() as session:
        token = access.create_sign_in(session, name, core.now())
        audit.record(session, now=core.now(), actor=operator(), action="user.sign_in_link", item=name)
    out.print(f"{core.settings.base_url}/sign-in?token={token}", soft_wrap=True, highlight=False)


@keys.command("create")
def create_key(name: Name, role: RoleOption = "reviewer") -> None:
    """Make an API key and print its secret, this once.

    Example: leakwatch key create siem --role reviewer
    """
    from monitor import access, audit

    core = open_core()
    with core.database.transaction() as session:
        secret = access.create_key(session, name=name, role=role, now=core.now())
        audit.record(session, now=core.now(), actor=operator(), action="key.create", item=name, note=role)
    typer.echo(secret)


@keys.command("revoke")
def revoke_key(name: Name) -> None:
    """End an API key for good.

    Example: leakwatch key revoke siem
    """
    from monitor import access, audit

    core = open_core()
    with core.database.transaction() as session:
        access.revoke_key(session, name, core.now())
        audit.record(session, now=core.now(), actor=operator(), action="key.revoke", item=name)
    out.print(f"The key {name} is revoked.")
