"""JupyterLab on loopback and a headless Chromium to look at it, for the browser tests and the screenshots."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PATIENCE = 120.0
"""Seconds; a machine that tests many things at once is slow."""


def chromium_path() -> str | None:
    """Return the system's Chromium, None if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def lab(folder: Path, *, dark: bool = False) -> Iterator[str]:
    """Serve a folder by JupyterLab; yields the address with its token.

    Nothing of the user's is read or written.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / ".home"
    _write_settings(home, dark=dark)
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "PYTHONPATH": str(ROOT),
    }
    options = [
        "--no-browser",
        "--allow-root",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    ]
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        *options,
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}",
    ]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _await(f"http://127.0.0.1:{port}/api?token={token}", server)
            yield f"http://127.0.0.1:{port}/lab/tree/NAME?token={token}&reset"
        finally:
            server.terminate()


def _write_settings(home: Path, *, dark: bool) -> None:
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
    theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
    (settings / "themes.jupyterlab-settings").write_text(json.dumps(theme))


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


class Notebook:
    """A notebook that is open in a page of JupyterLab."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address.replace("NAME", name))
        page.wait_for_selector(".jp-Notebook .jp-CodeCell .cm-content")

    def cell(self, number: int) -> Locator:
        """Return a code cell, the first one is 0."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def write(self, number: int, source: str) -> None:
        """Type a text in the place of what stands in a code cell."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run_all(self) -> None:
        """Choose `Run All Cells` from the menu."""
        self.page.locator("#jp-MainMenu .lm-MenuBar-item", has_text="Run").first.click()
        self.page.locator(
            ".lm-Menu-item[data-command='runmenu:run-all'], .lm-Menu-item", has_text="Run All Cells"
        ).first.click()

    def card(self, number: int, *, says: str, milliseconds: float | None = None) -> Locator:
        """Return the card below a code cell, once it says something."""
        card = self.cell(number).locator(".torch-judge")
        card.filter(has_text=says).wait_for(timeout=milliseconds)
        return card
