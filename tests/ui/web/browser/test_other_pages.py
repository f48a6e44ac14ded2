"""Pages of others, in a real browser that has our cookie: they can neither frame ours nor post nor read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.jupyter import chromium, chromium_path
from tests.support.loopback import TAB, serve
from tests.support.packages import write_package
from tests.support.site import Learner, serve_foreign

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytest.importorskip("uvicorn", reason="pip install 'torch-judge[web]'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium here: apt-get install chromium"),
]
DRAFT = "/api/problems/double/draft"
FOREIGN = """<!doctype html><title>another page</title>
<iframe id="frame" src="{ours}/problems/double"></iframe>
<iframe name="sink"></iframe>
<img id="picture" src="{ours}/static/icon.svg">
<form id="form" method="post" enctype="text/plain" target="sink" action="{ours}{draft}">
<input name='{{"tab": "{tab}", "text": "theirs", "example": "' value='"}}'></form>
<script>
const json = {{method: "POST", credentials: "include", body: '{{"tab": "{tab}", "text": "theirs"}}'}};
const named = {{...json, headers: {{"Content-Type": "application/json", "X-Torch-Judge": "page"}}}};
const tell = async (work) => {{ try {{ return await work(); }} catch (error) {{ return String(error); }} }};
async function attack() {{
  document.getElementById("form").submit();
  return {{
    read: await tell(async () => (await fetch("{ours}{draft}", {{credentials: "include"}})).text()),
    blind: await tell(async () => (await fetch("{ours}{draft}", {{...json, mode: "no-cors"}})).type),
    named: await tell(async () => (await fetch("{ours}{draft}", named)).text()),
    inside: await tell(async () => document.getElementById("frame").contentDocument.body.innerText),
    picture: document.getElementById("picture").naturalWidth,
  }};
}}
</script>
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_page_can_neither_frame_nor_post_nor_read(
    browser: Browser, tmp_path: Path, host: str
) -> None:
    """A page at another port of this machine is of the same site, so that the browser sends it our cookie."""
    write_package(tmp_path / "bank", framework="numpy")
    with serve(tmp_path / "bank") as server:
        learner = Learner(browser)
        learner.page.goto(server.make_entry())
        learner.page.wait_for_url(f"{server.address}/")
        with serve_foreign(FOREIGN.format(ours=server.address, draft=DRAFT, tab=TAB)) as port:
            learner.page.goto(f"http://{host}:{port}/")
            said = learner.page.evaluate("attack()")
            learner.page.wait_for_load_state("networkidle")
            frames = [frame.url for frame in learner.page.frames[1:]]
        learner.page.goto(f"{server.address}{DRAFT}?tab={TAB}")
        kept = json.loads(learner.page.locator("body").inner_text())
        learner.context.close()
    assert "Failed to fetch" in said["read"] and "Failed to fetch" in said["named"]
    assert said["blind"] in {"opaque", "TypeError: Failed to fetch"}
    assert "TypeError" in said["inside"] or "SecurityError" in said["inside"]
    assert said["picture"] == 0
    assert frames and not any("/problems/" in frame for frame in frames)
    assert (kept["revision"], kept["text"].count("theirs")) == (0, 0)
