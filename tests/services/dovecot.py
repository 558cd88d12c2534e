"""A Dovecot of the tests' own: any name may sign in with one password, and gets an empty mailbox."""

from __future__ import annotations

import getpass
import grp
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM, HELPERS = Path("/usr/sbin/dovecot"), Path("/usr/lib/dovecot/imap")
PASSWORD = "pass-of-the-tests"
WAIT = 20.0
NOBODY = 65534
"""Whom Dovecot's mail processes run as where the tests run as root: it refuses to be root there."""

CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{base}/mail/%u
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
mail_fsync = never
mail_max_userip_connections = 1000
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox leakwatch {{
    auto = create
  }}
}}
"""

OAUTH = """
introspection_url = {introspection}
introspection_mode = post
active_attribute = active
active_value = true
username_attribute = username
"""


def dovecot_path() -> Path | None:
    """The installed server, None where there is none."""
    return PROGRAM if PROGRAM.exists() and HELPERS.exists() else None


class Dovecot:
    """A running server with a plain and a TLS port; it asks `introspection` (RFC 7662) about tokens."""

    def __init__(self, certificate: Path, introspection: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dovecot-")
        base = Path(self._folder.name)
        base.chmod(0o711)
        self.port, self.tls_port = _free_port(), _free_port()
        as_root = os.getuid() == 0
        values = {
            "base": base,
            "user": "dovecot" if as_root else getpass.getuser(),
            "group": "dovecot" if as_root else grp.getgrgid(os.getgid()).gr_name,
            "login": "dovenull" if as_root else getpass.getuser(),
            "uid": NOBODY if as_root else os.getuid(),
            "gid": NOBODY if as_root else os.getgid(),
            "certificate": certificate,
            "password": PASSWORD,
            "plain": self.port,
            "tls": self.tls_port,
        }
        (base / "oauth2.conf").write_text(OAUTH.format(introspection=introspection))
        config = base / "dovecot.conf"
        config.write_text(CONFIG.format(**values))
        for name in ("run", "state", "mail", "home"):
            (base / name).mkdir()
        if as_root:
            for name in ("mail", "home"):
                os.chown(base / name, NOBODY, NOBODY)
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", config])
        self._await()

    def close(self) -> None:
        """End it, and remove its mail."""
        self._process.terminate()
        self._process.wait(WAIT)
        self._folder.cleanup()

    def _await(self) -> None:
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        log = Path(self._folder.name) / "log"
        said = log.read_text() if log.exists() else ""
        raise RuntimeError(f"Dovecot did not start: {said[-1000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
