"""A PostgreSQL server of our own for the length of a test session or a benchmark, on the machine's own binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOMES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


def server_binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several; None where there is none."""
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "pg_ctl").exists():
        return Path(on_path).resolve().parent
    found = [folder for home in _HOMES for folder in sorted(Path("/").glob(home[1:])) if (folder / "pg_ctl").exists()]
    return found[-1] if found else None


@contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[str]:
    """The URL of an empty database of a new server; server and data are gone afterwards. ``durable`` keeps fsync on, and
    the server is set up as one of a team would be."""
    binaries = server_binaries()
    if binaries is None:
        raise FileNotFoundError("no PostgreSQL server binaries on this machine")
    home = Path(tempfile.mkdtemp(prefix="setpiece-pg-"))
    user = _unprivileged(home)
    data, port = home / "data", _free_port()
    settings = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c max_wal_size=4GB"
    if durable:  # as its manual advises for a machine of its own: a quarter of the memory
        settings += f" -c shared_buffers={os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4 // 2**20}MB"
    else:
        settings += " -c fsync=off -c full_page_writes=off"

    as_whom = {"user": user, "group": user, "extra_groups": []} if user else {}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=120, **as_whom)

    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "setpiece", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", settings, "start")
        try:
            yield f"postgresql+psycopg://setpiece@127.0.0.1:{port}/postgres"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged(home: Path) -> str | None:
    """The server refuses to run as root: as whom it runs then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(home, user)
    return user


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
