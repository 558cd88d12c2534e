# shellcheck shell=bash
# Set-up shared by the scripts here: a project-local .venv made from a hashed lock, and the system packages
# the work needs where this account may install them. Sourced, never run; every caller sets -euo pipefail.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
TOOLS=$ROOT/.cache/tools
STAMP=$VENV/.leakwatch-setup

say() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# --- Python ------------------------------------------------------------------------------------------------

usable_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() { # prints the interpreter's own path, so that a version manager's shim is looked through
    local name
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if usable_python "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    die "no Python 3.11 or newer with venv and pip was found: install one (Debian, Ubuntu: apt-get install" \
        "python3 python3-venv python3-pip) or name it in PYTHON."
}

# What the environment depends on; when the digest changes, the set-up runs again.
setup_key() {
    local python=$1
    {
        "$python" -c 'import sys; print(sys.executable, sys.version)'
        cat "$ROOT"/requirements*.lock "$ROOT/pyproject.toml" "$ROOT/scripts/lib.sh"
        printf '%s\n' "$ROOT"
    } | sha256sum | cut -d' ' -f1
}

# --- Private tools: uv and the build backend, pinned and hashed ---------------------------------------------

pip_quiet() { "$TOOLS/bin/python" -m pip --disable-pip-version-check -q "$@"; }

ensure_tools() { # fails where they cannot be had; the caller then goes the slower way with pip alone
    local python=$1 log=$ROOT/.cache/tools.log key
    mkdir -p "$ROOT/.cache"
    key=$("$python" -c 'import sys; print(sys.executable, sys.version)' | cat - "$ROOT/requirements-build.lock" |
        sha256sum | cut -d' ' -f1)
    [ "$(cat "$TOOLS/key" 2>/dev/null)" != "$key" ] || return 0
    rm -rf "$TOOLS"
    "$python" -m venv "$TOOLS" || die "making a virtual environment in $TOOLS failed (see above): check that" \
        "the disk is writable and that python3-venv is installed."
    pip_quiet install --require-hashes -r "$ROOT/requirements-build.lock" >"$log" 2>&1 || return 1
    printf '%s\n' "$key" >"$TOOLS/key"
}

# Bytecode is written when leakwatch is installed (pip does so by itself): where the environment forbids or cannot
# keep it later, every start would compile every library again, twice the work until the first word.
compile_leakwatch() { (cd "$ROOT" && "$VENV/bin/python" -m compileall -q alembic api connectors detectors monitor); }

# uv reads no pip.conf: where pip has been pointed at an index or a folder of its own, pip does the work.
pip_has_own_index() { "$TOOLS/bin/python" -m pip config list 2>/dev/null | grep -E "[.](index-url|no-index)=" >/dev/null; }

sync_with_uv() {
    UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} UV_PYTHON_DOWNLOADS=never \
        "$TOOLS/bin/uv" pip sync -q --compile-bytecode --require-hashes --python "$VENV/bin/python" "$1"
}

sync_with_pip() {
    pip_quiet --python "$VENV/bin/python" install --require-hashes --no-deps -r "$1"
}

install_packages() { # lock-file
    local lock=$1 log=$ROOT/.cache/install.log
    if [ -f "$TOOLS/key" ] && ! pip_has_own_index; then
        note "installing $(basename "$lock") with uv"
        if sync_with_uv "$lock" 2>"$log"; then return; fi
        note "uv could not do it ($(tail -n 1 "$log")); going on with pip, which takes a minute"
    else
        note "installing $(basename "$lock") with pip, which takes a minute"
    fi
    sync_with_pip "$lock" || die "the packages of $(basename "$lock") could not be installed (see above): check" \
        "that this machine reaches its Python package index, or see docs/install.md for a set-up without one."
}

install_leakwatch() { # editable: the checkout is what runs
    local out=$ROOT/.cache/editable log=$ROOT/.cache/build.log
    rm -rf "$out"
    if [ -f "$TOOLS/key" ]; then
        if ! (cd "$ROOT" && "$TOOLS/bin/python" -m hatchling build -t wheel:editable -d "$out") >"$log" 2>&1; then
            cat "$log" >&2
            return 1
        fi
        pip_quiet --python "$VENV/bin/python" install --no-index --no-deps --force-reinstall "$out"/*.whl
    else
        pip_quiet --python "$VENV/bin/python" install --no-deps --editable "$ROOT"
    fi
}

# ensure_venv runtime|dev. A development environment serves the demo too and is not cut back by it.
ensure_venv() {
    local kind=$1 python key have have_key
    python=$(find_python)
    key=$(setup_key "$python")
    read -r have have_key < <(cat "$STAMP" 2>/dev/null || echo none none)
    if [ "$have" = dev ]; then kind=dev; fi
    if [ "$have_key" = "$key" ] && [ "$have" = "$kind" ]; then return; fi

    local lock=$ROOT/requirements.lock
    if [ "$kind" = dev ]; then lock=$ROOT/requirements-dev.lock; fi
    say "Setting up .venv ($kind) with $("$python" -c 'import platform; print("Python", platform.python_version())')"
    ensure_tools "$python" || note "the private build tools could not be had ($(tail -n 1 "$ROOT/.cache/tools.log"))"
    rm -f "$STAMP"
    if [ ! -x "$VENV/bin/python" ] || ! same_interpreter "$python"; then
        rm -rf "$VENV"
        "$python" -m venv --without-pip "$VENV"
    fi
    install_packages "$lock"
    install_leakwatch || die "leakwatch itself could not be installed into .venv (see above)."
    compile_leakwatch || note "leakwatch could not be compiled beforehand: it starts more slowly."
    printf '%s %s\n' "$kind" "$key" >"$STAMP"
}

same_interpreter() {
    [ "$("$VENV/bin/python" -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null)" = \
        "$("$1" -c 'import sys; print(sys.base_prefix, sys.version)')" ]
}

# --- System packages ----------------------------------------------------------------------------------------

has_tesseract() { command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -x eng >/dev/null; }
has_chromium() { # and the one library that playwright's driver wants beside it
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null &&
        /sbin/ldconfig -p | grep 'libatomic[.]so[.]1' >/dev/null
}
has_postgresql() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_dovecot() { [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ]; }
has_zip() { command -v zip >/dev/null && command -v unzip >/dev/null; }

as_root() { # prints the prefix that makes a command run as root, or fails
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif sudo -n true 2>/dev/null; then
        echo sudo -n
    else
        return 1
    fi
}

may_install() { command -v apt-get >/dev/null && as_root >/dev/null; }

apt_install() { # quiet unless it fails; the package lists are fetched once a run, and only when needed
    local root log=$ROOT/.cache/apt.log
    root=$(as_root)
    mkdir -p "$ROOT/.cache"
    if [ -z "${APT_UPDATED:-}" ]; then
        $root apt-get -qq update >"$log" 2>&1 </dev/null || return 1
        APT_UPDATED=yes
    fi
    $root DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null
}

# system_part NAME CHECK CONSEQUENCE INSTALLER PACKAGE...: install what is missing, or say what to do, and go on.
system_part() {
    local name=$1 check=$2 consequence=$3 installer=$4
    shift 4
    if "$check"; then return; fi
    if may_install; then
        say "Installing $name ($*)"
        if "$installer" "$@" && "$check"; then return; fi
    fi
    note "$name is missing and could not be installed from here: $consequence." \
        "To have it: sudo apt-get install $*"
}

# The tests start a server of their own, so the packaged one is told not to make and start a cluster.
apt_install_postgresql() {
    local root
    if ! [ -d /etc/postgresql-common ]; then
        apt_install postgresql-common || return 1
        root=$(as_root)
        $root sed -i 's/^#* *create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    fi
    apt_install "$@"
}

# The tests start a server of their own: the packaged one is masked before it could start and listen.
apt_install_dovecot() {
    local root
    root=$(as_root)
    if [ -d /run/systemd/system ] && ! [ -e /etc/systemd/system/dovecot.service ]; then
        $root systemctl -q mask dovecot.service dovecot.socket || return 1
    fi
    apt_install "$@"
}

ensure_ocr() {
    system_part Tesseract has_tesseract "the reading engines tesseract and tesserocr cannot be chosen; the default needs neither" \
        apt_install tesseract-ocr tesseract-ocr-eng
}

ensure_test_services() {
    system_part PostgreSQL has_postgresql "the tests that need it are skipped" apt_install_postgresql postgresql
    system_part Chromium has_chromium "the tests that need it are skipped" apt_install chromium libatomic1
    system_part Dovecot has_dovecot "the tests that need it are skipped" apt_install_dovecot dovecot-imapd
    system_part "zip and unzip" has_zip "the tests that need them are skipped" apt_install zip unzip
}
