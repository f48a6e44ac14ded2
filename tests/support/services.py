"""Small things that tests of a service share: a problem that every machine judges fast, and slow answers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from .packages import give_time, write_package

NUMPY = (
    'title = "Double"\nnumber = 1\ndifficulty = "easy"\nentry_point = "double"\nframework = "numpy"\n'
    'tags = ["arithmetic"]\n\n[limits]\nseconds_per_case = 1\nseconds_in_all = 4\n'
)
SLOW = "import time\n\n\ndef double(x, scale=2.0):\n    time.sleep(60)\n    return x * scale\n"


def write_bank(folder: Path, **files: str) -> Path:
    """Write a bank with the problem `double` in NumPy, which has a minute for each case."""
    give_time(write_package(folder, framework="numpy", **{"problem": NUMPY, **files}))
    return folder


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, for as long as a busy machine may take."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def reach(app: ASGIApp) -> Iterator[httpx.Client]:
    """Serve an application on a free port, for a block, and yield a client that reaches it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        wait_until(lambda: server.started)
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=address, timeout=120, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
