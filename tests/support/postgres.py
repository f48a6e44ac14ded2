"""A PostgreSQL server of the tests' own, on a socket in a folder, run by an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

NOBODY = "nobody"
"""PostgreSQL refuses root: where the tests are root, this user runs it."""


def find_programs() -> Path | None:
    """Find the folder of the newest PostgreSQL that is installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in folders), default=None, key=lambda path: int(path.parent.name))


@contextmanager
def run_postgres(programs: Path) -> Iterator[str]:
    """Run a server for a block and yield its URL."""
    folder = Path(tempfile.mkdtemp(prefix="tjpg_"))  # a socket's path may have 107 bytes
    user = NOBODY if os.getuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    data = folder / "data"
    options = ["--auth=trust", "--username=judge", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    command = [str(programs / "initdb"), "--pgdata", str(data), *options]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **as_user)  # type: ignore[call-overload]
    settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen(
        [str(programs / "postgres"), "-D", str(data), *settings],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_user,  # type: ignore[arg-type]
    )
    try:
        ready = [str(programs / "pg_isready"), "--host", str(folder), "--timeout", "30", "--quiet"]
        while subprocess.run(ready, check=False).returncode != 0:
            assert server.poll() is None, "PostgreSQL ended while it started"
        yield f"postgresql://judge@/postgres?host={quote(str(folder), safe='')}"
    finally:
        server.send_signal(signal.SIGINT)  # it ends at once, whoever is connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
