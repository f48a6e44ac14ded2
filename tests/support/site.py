"""`torch-judge web` on loopback, and its pages in a headless Chromium, as a learner sees and uses them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from tests.support import ROOT
from tests.support.jupyter import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

WIDE: Any = {"width": 1280, "height": 800}
NARROW: Any = {"width": 390, "height": 844}
SECONDS_TO_END = 20


@contextmanager
def site(home: Path, *options: str) -> Iterator[str]:
    """Start `torch-judge web` as a person does; yields the address that it says, which is good once."""
    command = [sys.executable, "-m", "torch_judge", "web", "--no-browser", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TORCH_JUDGE_HOME": str(home)}
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        try:
            yield _read_address(server)
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def _read_address(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line)
        if found := re.search(r"http://\S+/open\?token=[\w-]+", line):
            threading.Thread(target=server.stdout.read, daemon=True).start()  # a full pipe would stop it
            return found[0]
    raise RuntimeError(f"torch-judge web did not start: {''.join(said)}")


class Learner:
    """A window of a browser with the learner's cookie; notes whatever a page complains of."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.context: BrowserContext = browser.new_context(**{"viewport": WIDE, **options})
        self.context.set_default_timeout(PATIENCE * 1000)
        self.complaints: list[str] = []
        self.context.on("page", self._listen)
        self.page: Page = self.context.new_page()

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{message.type}: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )


class Desk:
    """The page of a problem."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.result = page.locator("#result")
        self.code = page.locator("#editor .cm-content")

    def open(self, address: str, slug: str) -> Desk:
        """Open a problem of a site by its slug."""
        self.page.goto(f"{address}/problems/{slug}")
        self.code.wait_for()
        return self

    def write(self, source: str) -> None:
        """Type a text in the place of what stands in the editor."""
        self.code.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def read(self) -> str:
        """Return the text that stands in the editor."""
        lines = self.code.locator(".cm-line").all_inner_texts()
        return "\n".join("" if line == "\n" else line for line in lines)

    def submit(self, says: str) -> Locator:
        """Submit by the keyboard and wait until the card says something; returns the card."""
        self.code.press("Control+Enter")
        return self.wait_for_card(says)

    def wait_for_card(self, says: str) -> Locator:
        """Wait until the check has ended with a card that says something; returns it."""
        card = self.result.locator(".torch-judge").filter(has_text=says)
        card.wait_for()
        self.page.locator("#stop").wait_for(state="hidden")
        return card

    def choose(self, name: str) -> Locator:
        """Open one of the panels beside the answer; returns it."""
        self.page.locator(f"#tab-{name}").click()
        return self.page.locator(f"#panel-{name}")

    def wait_until_saved(self) -> None:
        """Wait until the server has the text."""
        self.page.locator("#saved", has_text="Saved").wait_for()


@contextmanager
def serve_foreign(page: str) -> Iterator[int]:
    """Serve a page of another origin; yields its port."""

    class Foreign(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def list_violations(page: Page, within: str = "body") -> list[str]:
    """Have axe-core look at a page or a part of it; returns what it finds, in a line each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=within).response
    assert found["passes"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
