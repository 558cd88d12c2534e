"""Office documents through LibreOffice, where it is installed: the pages as people see them.

Each conversion runs in a process of its own: a fresh profile that forbids macros, links and add-ons; limits
of time, memory and file size; no network where the kernel lets an account part with it; killed with its
parent.
"""

from __future__ import annotations

import ctypes
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_SECONDS = 60
_CPU_SECONDS = 60
_MEMORY = 3 * 2**30
_MOST_MADE = 200 * 2**20
_PR_SET_PDEATHSIG = 1
_FIRST_START = 81
"""LibreOffice made its profile and asks to be started again (EXITHELPER_NORMAL_RESTART)."""
_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_FORBIDDEN = (
    (_SECURITY, "MacroSecurityLevel", "3"),
    (_SECURITY, "DisableMacrosExecution", "true"),
    (_SECURITY, "DisableActiveContent", "true"),
    (_SECURITY, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Common/Misc", "UseLocking", "false"),
    ("/org.openoffice.Office.Java/VirtualMachine", "Enable", "false"),
)
_REGISTRY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _FORBIDDEN
    )
    + "</oor:items>\n"
)
_OPTIONS = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")
_WITHOUT_NETWORK = ("unshare", "--user", "--map-root-user", "--net")


class ConversionFailed(Exception):
    """LibreOffice gave no document; the message is one sentence."""


@cache
def program() -> Path | None:
    """LibreOffice's own executable, None where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        return None
    binary = Path(found).resolve().with_name("soffice.bin")
    return binary if binary.is_file() else None


@cache
def version() -> str:
    """What tells one installation's results from another's; "" where there is none."""
    binary = program()
    if binary is None:
        return ""
    about = binary.with_name("versionrc")
    text = about.read_text(encoding="utf-8", errors="replace") if about.is_file() else ""
    named = re.search(r"UpdateID=(LibreOffice_[\w.]{1,20}?)_[a-z]{2}", text)
    build = re.search(r"buildid=(\S{1,60})", text)
    return " ".join(match[1] for match in (named, build) if match) or "unknown"


@cache
def _without_network() -> tuple[str, ...]:
    """The words before a command that take its network away, none where the kernel forbids that."""
    try:
        tried = subprocess.run([*_WITHOUT_NETWORK, "true"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return _WITHOUT_NETWORK if tried.returncode == 0 else ()


def convert(data: bytes, ending: str, wanted: str) -> bytes:
    """The document of a name with this ending as one with the ending `wanted`, such as ".pdf".

    A spreadsheet's sheets become one page each. Raises ConversionFailed.
    """
    binary = program()
    if binary is None:
        raise ConversionFailed("LibreOffice is not installed.")
    with tempfile.TemporaryDirectory(prefix="leakwatch-office-") as folder:
        here = Path(folder)
        settings = here / "profile" / "user"
        settings.mkdir(parents=True)
        (settings / "registrymodifications.xcu").write_text(_REGISTRY, encoding="utf-8")
        (here / f"document{ending}").write_bytes(data)
        command = [*_without_network(), str(binary), f"-env:UserInstallation={(here / 'profile').as_uri()}"]
        command += [*_OPTIONS, "--convert-to", _filter(ending, wanted), "--outdir", f"{here / 'made'}"]
        _run([*command, str(here / f"document{ending}")], here)
        made = here / "made" / f"document{wanted}"
        if not made.is_file():
            raise ConversionFailed("LibreOffice cannot open the document.")
        return made.read_bytes()


def _filter(ending: str, wanted: str) -> str:
    if wanted == ".pdf" and ending in {".xlsx", ".ods"}:
        return 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}'
    return wanted[1:]


def _run(command: list[str], folder: Path) -> None:
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    for _ in range(2):
        try:
            done = subprocess.run(  # noqa: S603 - the command is ours, the document only a file's content
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                preexec_fn=_limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ConversionFailed(f"LibreOffice took longer than {_SECONDS} seconds.") from None
        except OSError as error:
            raise ConversionFailed(f"LibreOffice does not start ({error.strerror}).") from error
        if done.returncode != _FIRST_START:
            return


def _limit() -> None:
    """In the new process, before LibreOffice: its limits, and its end with its parent's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for kind, most in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _MOST_MADE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        lowest = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowest, lowest))
