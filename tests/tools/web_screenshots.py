"""The README's pictures of the page, from real checks: `python -m tests.tools.web_screenshots [FOLDER]`.

`torch-judge web` runs on a home of its own; a learner solves some problems in a headless Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.jupyter import ROOT, chromium
from tests.support.packages import find_sample
from tests.support.site import Desk, Learner, site
from tests.tools.screenshots import IMAGES, photograph, source_of
from torch_judge.model.bank import Bank, find_bank

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLUG = "batchnorm"
SOLVED = ("relu", "softmax", "layernorm", "cross_entropy")
TRIED = {"gelu": "divided_by_two", "rmsnorm": "eps_outside_the_root"}
VIEW: Any = {"width": 1200, "height": 750}
SCALE = 1.5
RUNS = 5


class Studio:
    """A site, a browser with its cookie, and where its pictures go."""

    def __init__(self, browser: Browser, opened: str, into: Path) -> None:
        self.browser = browser
        self.address = opened.partition("/open")[0]
        self.into = into
        first = Learner(browser)
        first.page.goto(opened)
        first.page.wait_for_url(f"{self.address}/")
        self.cookie = first.context.storage_state()
        first.context.close()

    def open_window(self, scheme: str = "light") -> Learner:
        """Open a window in which pictures are taken."""
        options: dict[str, Any] = {"color_scheme": scheme, "viewport": VIEW, "device_scale_factor": SCALE}
        return Learner(self.browser, storage_state=self.cookie, **options)

    def photograph(self, learner: Learner, name: str) -> None:
        """Write a picture of what a window shows."""
        learner.page.mouse.move(0, 0)
        photograph(self.browser, learner.page, self.into / f"web-{name}.png")


def solve_some(studio: Studio, bank: Bank) -> None:
    """Leave a history as a learner has after an evening."""
    learner = studio.open_window()
    for slug in SOLVED:
        desk = Desk(learner.page).open(studio.address, slug)
        desk.write(bank.load(slug).read_solution())
        desk.submit("✓ accepted")
    for slug, mistake in TRIED.items():
        desk = Desk(learner.page).open(studio.address, slug)
        desk.write(find_sample(bank.load(slug), f"wrong_answer/{mistake}").read_text())
        desk.submit("cases passed")
    learner.context.close()


def photograph_all(studio: Studio, bank: Bank) -> None:
    """Write the pictures: problem, wrong, accepted, list, progress."""
    problem = bank.load(SLUG)
    light = studio.open_window()
    desk = Desk(light.page).open(studio.address, SLUG)
    studio.photograph(light, "problem")
    for _ in range(RUNS):  # a busy machine may have no time for the diagnosis
        desk.write(source_of(problem))
        if "Your code behaves" in desk.submit("cases passed").inner_text():
            break
    light.page.keyboard.press("Control+Home")
    studio.photograph(light, "wrong")
    light.page.goto(studio.address)
    studio.photograph(light, "list")
    light.page.goto(f"{studio.address}/progress")
    studio.photograph(light, "progress")
    dark = studio.open_window("dark")
    desk = Desk(dark.page).open(studio.address, SLUG)
    desk.write(problem.read_solution())
    desk.submit("✓ accepted")
    dark.page.keyboard.press("Control+Home")
    desk.choose("solution").locator(".way").first.wait_for()
    studio.photograph(dark, "accepted")


def main() -> None:
    """Make the pictures."""
    into = Path(sys.argv[1]) if sys.argv[1:] else IMAGES
    into.mkdir(parents=True, exist_ok=True)
    bank = find_bank(ROOT / "problems")
    with (
        tempfile.TemporaryDirectory() as home,
        site(Path(home), "--bank", str(bank.folder)) as opened,
        chromium() as browser,
    ):
        studio = Studio(browser, opened, into)
        solve_some(studio, bank)
        photograph_all(studio, bank)


if __name__ == "__main__":
    main()
