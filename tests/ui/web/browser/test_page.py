"""A learner's hour on the page, in a real browser: from the command line to the verdict, and more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.jupyter import ROOT, chromium, chromium_path
from tests.support.packages import find_sample
from tests.support.site import NARROW, Desk, Learner, list_violations, site
from torch_judge.model.bank import find_bank

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
pytest.importorskip("uvicorn", reason="pip install 'torch-judge[web]'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium here: apt-get install chromium"),
]
BANK = find_bank(ROOT / "problems")
SLUG, CLASS, SMALL = "batchnorm_numpy", "batchnorm_module", "relu"
RIGHT = find_sample(BANK.load(SLUG), "accepted/as_often_written").read_text()
WRONG = find_sample(BANK.load(SLUG), "wrong_answer/reversed_momentum").read_text().split('"""')[2].lstrip()
STARTER = BANK.load(SLUG).read_starter()
ENDLESS = "def batchnorm_forward(*arguments, **options):\n    while True:\n        pass\n"
NAMED = "Your code behaves exactly like one with this mistake: reversed momentum"
RUNS = 4
MOST_BYTES = 250_000
WATCH = """() => {
    window.seen = [];
    new MutationObserver(() => window.seen.push(document.querySelector('#result').innerText))
        .observe(document.querySelector('#result'), {childList: true});
}"""
"""Notes what each card says that is put in the place of another."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the site; yields the address that is good once."""
    with site(tmp_path_factory.mktemp("home"), "--bank", str(BANK.folder)) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(opened: str) -> str:
    return opened.partition("/open")[0]


@pytest.fixture(scope="module")
def cookie(browser: Browser, opened: str) -> Path:
    """Open the address that the command said, as the browser does that it starts; keep the cookie."""
    learner = Learner(browser)
    learner.page.goto(opened)
    learner.page.wait_for_url(f"{opened.partition('/open')[0]}/")
    cookies = learner.context.storage_state()
    assert learner.complaints == []
    learner.context.close()
    return cookies


@pytest.fixture
def learner(browser: Browser, cookie: Path) -> Iterator[Learner]:
    """Give a learner a fresh window; no page may break its policy or complain of an error."""
    learner = Learner(browser, storage_state=cookie)
    yield learner
    learner.context.close()
    assert learner.complaints == []


def submit_until_diagnosed(desk: Desk, source: str) -> None:
    """Submit until the card has the diagnosis, for which a busy machine may have no time."""
    for _ in range(RUNS):
        desk.write(source)
        if NAMED in desk.submit("cases passed").inner_text():
            return
    pytest.fail(desk.result.inner_text())


def is_in_sight(page: Page, says: str) -> bool:
    """Tell whether a text of the result is seen without scrolling anything."""
    element = page.locator("#result").get_by_text(says).first
    return element.evaluate("""element => {
        const box = element.getBoundingClientRect();
        const frame = document.querySelector('#result').getBoundingClientRect();
        const bottom = Math.min(window.innerHeight, frame.bottom);
        return box.height > 0 && box.top >= Math.max(0, frame.top) && box.bottom <= bottom;
    }""")


def test_a_learner_gets_the_name_of_the_mistake_corrects_it_and_is_accepted(
    learner: Learner, address: str
) -> None:
    page, desk = learner.page, Desk(learner.page)
    page.goto(address)
    page.get_by_role("link", name="Batch normalisation in NumPy, forward").click()
    desk.code.wait_for()
    assert desk.read().strip() == STARTER.strip()
    page.evaluate(WATCH)
    submit_until_diagnosed(desk, WRONG)
    assert is_in_sight(page, "✗ wrong answer")
    assert is_in_sight(page, NAMED)
    assert page.locator("#state").inner_text().strip().endswith("tried")
    assert page.locator("#announce").inner_text().startswith("wrong answer")
    numbers = [int(found[1]) for text in page.evaluate("seen") if (found := re.search(r"(\d+) of \d+", text))]
    assert len(set(numbers)) >= 3  # the cases came one by one
    desk.write(RIGHT)
    accepted = desk.submit("✓ accepted").inner_text()
    assert "Your code behaves" not in accepted
    assert page.locator("#state").inner_text() == "✓ solved"
    desk.choose("solution").get_by_text("def batchnorm_forward").first.wait_for()
    page.get_by_role("link", name="Problems", exact=True).click()
    row = page.locator(f"tr[data-slug={SLUG}]")
    assert row.get_attribute("data-state") == "solved"


def test_a_class_is_judged_as_a_function_is(learner: Learner, address: str) -> None:
    desk = Desk(learner.page).open(address, CLASS)
    desk.write(BANK.load(CLASS).read_solution())
    desk.page.locator("#submit").click()
    assert "cases passed" in desk.wait_for_card("✓ accepted").inner_text()


def test_an_endless_loop_goes_on_after_a_reload_and_is_stopped(learner: Learner, address: str) -> None:
    desk = Desk(learner.page).open(address, SLUG)
    desk.write(ENDLESS)
    desk.code.press("Control+Enter")
    desk.page.locator("#stop").wait_for()
    desk.page.reload()
    desk.page.locator("#stop").wait_for()
    assert desk.read() == ENDLESS
    desk.page.locator("#stop").click()
    desk.page.locator("#stop").wait_for(state="hidden")
    assert "stopped" in desk.result.inner_text().lower()
    assert desk.result.get_attribute("aria-busy") == "false"
    desk.write(RIGHT)
    desk.submit("✓ accepted")


def test_the_newest_submission_of_a_tab_wins(learner: Learner, address: str) -> None:
    desk = Desk(learner.page).open(address, SLUG)
    desk.write(ENDLESS)
    desk.code.press("Control+Enter")
    desk.page.locator("#stop").wait_for()
    desk.write(RIGHT)
    desk.submit("✓ accepted")


def test_a_duplicated_tab_has_its_own_id_and_its_own_text(learner: Learner, address: str) -> None:
    first = Desk(learner.page).open(address, SLUG)
    first.write("# the first tab's\n")
    first.wait_until_saved()
    with (
        learner.context.expect_page() as opening
    ):  # such a window inherits what the first one's session holds
        first.page.evaluate("window.open(location.href) && null")
    second = Desk(opening.value)
    second.code.wait_for()
    assert _tab_of(second) != _tab_of(first)
    assert second.read() == "# the first tab's\n"
    second.write("# the second tab's\n")
    second.wait_until_saved()
    first.page.reload()
    second.page.reload()
    first.code.filter(has_text="the first tab's").wait_for()
    second.code.filter(has_text="the second tab's").wait_for()
    assert _tab_of(first) != _tab_of(second)


def _tab_of(desk: Desk) -> str:
    main = desk.page.locator("#main[data-tab]")
    main.wait_for()
    return main.get_attribute("data-tab") or ""


def test_what_was_typed_just_before_a_reload_is_there(learner: Learner, address: str) -> None:
    desk = Desk(learner.page).open(address, SLUG)
    desk.write("# typed in the last moment\n")
    desk.page.reload()
    desk.code.filter(has_text="typed in the last moment").wait_for()
    desk.page.locator("#saved", has_text="Saved").wait_for()


def test_what_could_not_be_saved_outlives_a_reload(browser: Browser, cookie: Path, address: str) -> None:
    learner = Learner(browser, storage_state=cookie)
    desk = Desk(learner.page).open(address, SLUG)
    learner.page.route("**/draft", lambda route: route.abort())
    desk.write("# the judge was away\n")
    desk.page.locator("#saved", has_text="Not saved").wait_for()
    assert "does not answer" in desk.page.locator("#notice").inner_text()
    desk.page.reload()
    desk.code.filter(has_text="the judge was away").wait_for()
    learner.page.unroute("**/draft")
    desk.write("# it is back\n")
    desk.wait_until_saved()
    learner.context.close()


def test_a_text_area_does_where_the_editor_does_not_load(
    browser: Browser, cookie: Path, address: str
) -> None:
    learner = Learner(browser, storage_state=cookie)
    learner.page.route("**/editor.js*", lambda route: route.abort())
    learner.page.goto(f"{address}/problems/{SLUG}")
    learner.page.get_by_label("Your code").fill(RIGHT)
    learner.page.keyboard.press("Control+Enter")
    Desk(learner.page).wait_for_card("✓ accepted")
    learner.context.close()


def test_run_shows_what_the_example_prints_and_the_example_can_be_changed(
    learner: Learner, address: str
) -> None:
    desk = Desk(learner.page).open(address, SLUG)
    desk.write(RIGHT)
    desk.page.locator("#example-box summary").click()
    desk.page.locator("#example-editor .cm-content").click()
    desk.page.keyboard.press("Control+A")
    desk.page.keyboard.insert_text("print('<img src=x onerror=alert()> seven is', 3 + 4)")
    desk.page.keyboard.press("Shift+Enter")
    desk.result.locator(".example", has_text="<img src=x onerror=alert()> seven is 7").wait_for()
    assert desk.result.locator("img").count() == 0
    desk.page.locator("#example-reset").click()
    assert "seven is" not in desk.page.locator("#example-editor .cm-content").inner_text()
    desk.code.press("Control+'")
    desk.result.locator(".example").filter(has_not_text="seven is 7").wait_for()


def test_hints_come_one_by_one_and_history_compares_and_brings_back(learner: Learner, address: str) -> None:
    desk = Desk(learner.page).open(address, "batchnorm_backward")
    hints = desk.choose("hints")
    for count in (1, 2):
        hints.locator("#hint").click()
        hints.locator("li.hint").nth(count - 1).wait_for()
        assert hints.locator("li.hint").count() == count
    desk.choose("solution").locator("#give-up").click()
    desk.page.locator("#confirm [value=no]").click()
    assert "def " not in desk.page.locator("#solution").inner_text()
    for number in (1, 2):
        desk.write(f"def batchnorm_backward(dout, x, gamma, eps=1e-5):\n    return {number}\n")
        desk.submit("cases passed")
    history = desk.choose("history")
    history.locator("tr[data-number]").nth(1).wait_for()
    history.locator("#compare").click()
    diff = history.locator("table.diff")
    diff.wait_for()
    assert {"return 1", "return 2"} <= {text.strip() for text in diff.locator("td.text").all_inner_texts()}
    desk.write("# neither of them\n")
    history.locator("tr[data-number] .load").last.click()
    desk.code.filter(has_text="return 1").wait_for()
    history.locator("tr[data-number]").nth(2).wait_for()
    history.locator("tr[data-number] .show").first.click()
    history.locator("section.attempt", has_text="neither of them").wait_for()
    desk.page.locator("#reset").click()
    desk.page.locator("#confirm [value=yes]").click()
    desk.code.filter(has_text="NotImplementedError").wait_for()


def test_the_keyboard_is_enough(learner: Learner, address: str) -> None:
    page = learner.page
    page.goto(address)
    page.keyboard.press("/")
    page.keyboard.type("numpy forward")
    assert page.locator("tr.problem:visible").count() == 1
    assert page.locator("#count").inner_text().startswith("1 of ")
    assert page.url.endswith("?q=numpy+forward")
    desk = Desk(page).open(address, SLUG)
    desk.write("def f():\n")
    page.keyboard.press("Tab")
    page.keyboard.type("pass")
    assert desk.read().splitlines()[1].strip() == "pass"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#editor')") is None
    page.locator("#tab-statement").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#panel-hints").is_visible()
    assert page.evaluate("document.activeElement.id") == "tab-hints"
    page.keyboard.press("End")
    assert page.locator("#panel-history").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(browser: Browser, cookie: Path, address: str, width: int) -> None:
    learner = Learner(browser, storage_state=cookie, viewport={"width": width, "height": 800})
    for path in ("/", f"/problems/{SLUG}", "/progress"):
        learner.page.goto(address + path)
        assert learner.page.evaluate("document.scrollingElement.scrollWidth") <= width, path
    learner.context.close()
    assert learner.complaints == []


def test_a_dark_and_narrow_window_shows_the_verdict_and_the_name_first(
    browser: Browser, cookie: Path, address: str
) -> None:
    learner = Learner(browser, storage_state=cookie, viewport=NARROW, color_scheme="dark")
    desk = Desk(learner.page).open(address, SLUG)
    ground = learner.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground))) < 64
    submit_until_diagnosed(desk, "\n" * 60 + WRONG)  # where one types, the result is out of sight
    assert is_in_sight(learner.page, "✗ wrong answer")
    assert is_in_sight(learner.page, NAMED)
    learner.context.close()
    assert learner.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, cookie: Path, address: str, scheme: str) -> None:
    learner = Learner(browser, storage_state=cookie, color_scheme=scheme)
    desk = Desk(learner.page).open(address, SMALL)
    desk.write("def relu(x):\n    return x * 1\n")
    desk.submit("cases passed")
    assert list_violations(learner.page) == []
    desk.write(BANK.load(SMALL).read_solution())
    desk.submit("✓ accepted")
    assert list_violations(learner.page, within="#result") == []
    for panel, part in (("hints", "button"), ("history", "button"), ("solution", ".way")):
        desk.choose(panel).locator(part).first.wait_for()
        assert list_violations(learner.page, within=".left") == [], panel
    desk.choose("history")
    for button, shown in (("#history .show >> nth=0", "section.attempt"), ("#compare", "section.diff")):
        learner.page.locator(button).click()
        learner.page.locator(shown).wait_for()
        assert list_violations(learner.page, within="#attempt") == [], shown
    desk.code.press("Shift+Enter")
    desk.result.locator(".example").wait_for()
    assert list_violations(learner.page, within="#result") == []
    learner.page.locator("#keys-button").click()
    assert list_violations(learner.page, within="#keys") == []
    for path in ("/", "/progress"):
        learner.page.goto(address + path)
        assert list_violations(learner.page) == [], path
    learner.context.close()
    assert learner.complaints == []


def test_the_first_load_of_list_and_problem_weighs_little(learner: Learner, address: str) -> None:
    sent: list[float] = []
    session = learner.context.new_cdp_session(learner.page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    learner.page.goto(address)
    Desk(learner.page).open(address, SLUG)
    learner.page.wait_for_load_state("networkidle")
    assert len(sent) >= 5
    assert 100_000 < sum(sent) < MOST_BYTES
