"""Two learners and a teacher on the pages of one server, each in a browser of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.jupyter import chromium, chromium_path
from tests.support.packages import SAMPLES
from tests.support.services import run_server, write_bank
from tests.support.site import Desk, Learner, list_violations, serve_foreign
from torch_judge.service.store import open_store
from torch_judge.service.users import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
pytest.importorskip("uvicorn", reason="pip install 'torch-judge[serve]'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium here: apt-get install chromium"),
]
TAB = "abcdefgh12345678"
DRAFT = "/api/problems/double/draft"
FOREIGN = """<!doctype html><title>another page</title>
<iframe name="sink"></iframe>
<form id="draft" method="post" enctype="text/plain" target="sink" action="{ours}{draft}">
<input name='{{"tab": "{tab}", "text": "theirs", "example": "' value='"}}'></form>
<form id="out" method="post" target="sink" action="{ours}/sign-out"></form>
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Add two learners and a teacher; return their tokens, and where the store is."""
    data = tmp_path_factory.mktemp("data")
    with open_store(data) as store:
        added = {name: store.accounts.add(name) for name in ("ada", "bob")}
        return {**added, "tina": store.accounts.add("tina", Role.TEACHER), "data": str(data)}


@pytest.fixture(scope="module")
def address(tokens: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    bank = write_bank(tmp_path_factory.mktemp("home") / "bank")
    with run_server(bank, "--data", tokens["data"], "--jobs", 1) as server:
        yield server.address


def sign_in(browser: Browser, address: str, token: str) -> Learner:
    """Come to the server as a person does, and sign in."""
    learner = Learner(browser)
    learner.page.goto(f"{address}/problems/double")
    learner.page.get_by_label("Your token").fill(token)
    learner.page.get_by_role("button", name="Sign in").click()
    learner.page.wait_for_url(f"{address}/problems/double")
    return learner


def test_a_wrong_answer_is_named_and_corrected_and_nobody_else_sees_it(
    browser: Browser, address: str, tokens: dict[str, str]
) -> None:
    ada, bob = (sign_in(browser, address, tokens[name]) for name in ("ada", "bob"))
    desk = Desk(ada.page).open(address, "double")
    desk.write(SAMPLES["wrong_answer/returns_x.py"] + "# written by ada\n")
    assert "returns x" in desk.submit("cases passed").inner_text()
    assert ada.page.locator("#state").inner_text().split()[-1] == "tried"
    desk.write(SAMPLES["accepted/adds_twice.py"])
    desk.submit("✓ accepted")
    ada.page.locator("#state", has_text="solved").wait_for()
    rows = desk.choose("history").locator("tr[data-number]")
    rows.nth(1).wait_for()
    assert rows.count() == 2

    theirs = Desk(bob.page).open(address, "double")
    assert bob.page.locator("#state").inner_text().strip() == "open"
    assert "ada" not in theirs.read()
    theirs.choose("history").get_by_text("No attempt at this problem").wait_for()
    bob.page.goto(f"{address}/progress")
    bob.page.get_by_text("Nothing is tried yet").wait_for()
    bob.page.goto(f"{address}/api/problems/double/attempts/1")
    assert "no attempt 1" in bob.page.locator("body").inner_text()

    tina = sign_in(browser, address, tokens["tina"])
    tina.page.get_by_role("link", name="Class").click()
    assert "Double" in tina.page.locator('tr[data-learner="ada"]').inner_text()
    assert "Double" not in tina.page.locator('tr[data-learner="bob"]').inner_text()
    for learner in (ada, tina):
        assert learner.complaints == []
        learner.context.close()
    assert [complaint for complaint in bob.complaints if "404" not in complaint] == []
    bob.context.close()


ENDLESS = "def double(x, scale=2.0):\n    while True: pass\n"
NEVER_LOADED = "while True: pass\n"


def test_run_waits_for_its_turn_and_stop_ends_it(
    browser: Browser, address: str, tokens: dict[str, str]
) -> None:
    ada, bob = (sign_in(browser, address, tokens[name]) for name in ("ada", "bob"))
    desk, theirs = Desk(ada.page).open(address, "double"), Desk(bob.page).open(address, "double")
    desk.write(NEVER_LOADED)
    ada.page.get_by_role("button", name="Run").click()
    ada.page.locator("#announce", has_text="Running").wait_for(state="attached")
    theirs.write(SAMPLES["accepted/adds_twice.py"])
    bob.page.get_by_role("button", name="Run").click()
    theirs.result.get_by_text("Yours is next.").wait_for()
    ada.page.get_by_role("button", name="Stop").click()
    desk.result.get_by_text("Stopped. Nothing of it is running any more.").wait_for()
    theirs.result.get_by_role("heading", name="Yours").wait_for()
    assert theirs.result.get_by_role("heading", name="The jury's").count() == 0
    assert list_violations(bob.page) == list_violations(ada.page) == []
    for learner in (ada, bob):
        assert learner.complaints == []
        learner.context.close()


def test_stop_withdraws_what_is_judged_and_what_waits(
    browser: Browser, address: str, tokens: dict[str, str]
) -> None:
    ada, bob = (sign_in(browser, address, tokens[name]) for name in ("tina", "bob"))
    desk, theirs = Desk(ada.page).open(address, "double"), Desk(bob.page).open(address, "double")
    desk.write(ENDLESS)
    desk.code.press("Control+Enter")
    desk.result.get_by_text("0 of 1 cases decided").wait_for()
    theirs.write(SAMPLES["accepted/adds_twice.py"])
    theirs.code.press("Control+Enter")
    theirs.result.get_by_text("yours is next").wait_for()
    for one in (theirs, desk):
        one.page.keyboard.press("Control+.")
        card = one.wait_for_card("Withdrawn. It is judged no further, and is no attempt.")
        assert "interrupted" in card.inner_text()
    theirs.choose("history").get_by_text("No attempt at this problem").wait_for()
    for learner in (ada, bob):
        assert learner.complaints == []
        learner.context.close()


def test_a_run_that_a_restart_loses_is_said_to_be_lost(browser: Browser, tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        token = store.accounts.add("ada")
    bank = write_bank(tmp_path / "bank")
    options = ("--data", tmp_path / "data", "--jobs", 1)
    with run_server(bank, *options) as server:
        port = server.address.rpartition(":")[2]
        ada = sign_in(browser, server.address, token)
        desk = Desk(ada.page).open(server.address, "double")
        desk.write(NEVER_LOADED)
        ada.page.get_by_role("button", name="Run").click()
        ada.page.locator("#announce", has_text="Running").wait_for(state="attached")
    with run_server(bank, *options, "--port", port):
        ada.page.get_by_text("The judge went away, and what ran is lost. Start it again.").wait_for()
        assert ada.page.locator("#stop").is_hidden()
        desk.write(SAMPLES["accepted/adds_twice.py"])
        ada.page.get_by_role("button", name="Run").click()
        desk.result.get_by_role("heading", name="Yours").wait_for()
    ada.context.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_foreign_origins_form_neither_writes_nor_signs_out(
    browser: Browser, address: str, tokens: dict[str, str], host: str
) -> None:
    learner = sign_in(browser, address, tokens["bob"])
    with serve_foreign(FOREIGN.format(ours=address, draft=DRAFT, tab=TAB)) as port:
        for form in ("draft", "out"):
            learner.page.goto(f"http://{host}:{port}/")
            with learner.page.expect_response(lambda response: address in response.url) as refused:
                learner.page.evaluate(f"document.getElementById('{form}').submit()")
            assert refused.value.status in {401, 403}
    learner.page.goto(f"{address}{DRAFT}?tab={TAB}")  # still signed in
    kept = json.loads(learner.page.locator("body").inner_text())
    assert (kept["mine"], "theirs" in kept["text"]) == (False, False)
    learner.context.close()


def test_signing_out_leads_to_where_one_signs_in_and_back_shows_nothing(
    browser: Browser, address: str, tokens: dict[str, str]
) -> None:
    learner = sign_in(browser, address, tokens["ada"])
    learner.page.get_by_role("button", name="Sign out").click()
    learner.page.get_by_label("Your token").wait_for()
    learner.page.goto(f"{address}/problems/double")
    learner.page.get_by_label("Your token").fill("wrong")
    learner.page.get_by_role("button", name="Sign in").click()
    learner.page.get_by_text("Nobody here has this token.").wait_for()
    assert learner.page.locator("#code").count() == 0
    learner.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_what_is_not_on_one_s_own_machine(
    browser: Browser, address: str, tokens: dict[str, str], scheme: str
) -> None:
    tina = Learner(browser, color_scheme=scheme)
    tina.page.goto(f"{address}/class")
    tina.page.get_by_label("Your token").fill("wrong")
    tina.page.get_by_role("button", name="Sign in").click()
    tina.page.get_by_text("Nobody here has this token.").wait_for()
    assert list_violations(tina.page) == []
    tina.page.get_by_label("Your token").fill(tokens["tina"])
    tina.page.get_by_role("button", name="Sign in").click()
    tina.page.wait_for_url(f"{address}/class")
    assert list_violations(tina.page) == []
    Desk(tina.page).open(address, "double")
    assert list_violations(tina.page) == []
    tina.context.close()
