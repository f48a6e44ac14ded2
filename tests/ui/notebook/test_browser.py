"""The learner's minute in a real browser: a wrong solution, its card, the right one; a card not trusted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.support.jupyter import ROOT, Notebook, chromium, chromium_path, lab
from tests.support.packages import find_sample
from tests.ui.test_card import hostile
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.ui.card import as_card
from torch_judge.ui.notebook.templates import template_name, template_text

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytest.importorskip("playwright.sync_api", reason="pip install playwright")
pytest.importorskip("jupyterlab", reason="pip install jupyterlab")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium here: apt-get install chromium"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
SUBMIT = 3
STARTER, TRY_IT = 1, 2
RUNS = 4


@pytest.fixture(scope="module")
def problem() -> Problem:
    return find_bank(ROOT / "problems").load("batchnorm")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, problem: Problem) -> Path:
    """Make a folder with the template, and a saved notebook with a hostile card that was never run here."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / template_name(problem)).write_text(template_text(problem))
    cell = nbformat.v4.new_code_cell("check('double')")
    cell.outputs = [
        nbformat.v4.new_output("display_data", {"text/html": as_card(hostile()), "text/plain": "text"})
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "saved.ipynb")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with lab(folder) as address:
        yield address


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 1000})


def ask_until_diagnosed(notebook: Notebook, says: str) -> Locator:
    """Run the notebook until the card has the diagnosis, for which a busy machine may have no time."""
    from playwright.sync_api import TimeoutError as TimedOut

    for _ in range(RUNS - 1):
        notebook.run_all()
        with suppress(TimedOut):
            return notebook.card(SUBMIT, says=says, milliseconds=25_000)
    notebook.run_all()
    return notebook.card(SUBMIT, says=says)


def test_a_learner_gets_the_diagnosis_corrects_it_and_is_accepted(
    page: Page, address: str, problem: Problem
) -> None:
    wrong = find_sample(problem, "wrong_answer/reversed_momentum").read_text()
    notebook = Notebook(page, address, template_name(problem))
    notebook.write(STARTER, wrong)
    card = ask_until_diagnosed(
        notebook, "Your code behaves exactly like one with this mistake: reversed momentum"
    )
    assert "✗ wrong answer" in card.inner_text()
    assert card.locator("details[open]").count() >= 1
    assert notebook.cell(SUBMIT).locator(".torch-judge").count() == 1
    notebook.write(STARTER, problem.read_solution())
    notebook.run_all()
    accepted = notebook.card(SUBMIT, says="✓ accepted")
    assert "Your code behaves" not in accepted.inner_text()
    assert "cases passed" in accepted.inner_text()
    assert "Report(" not in notebook.cell(SUBMIT).inner_text()


def test_run_all_reaches_the_check_past_a_cell_that_raises(page: Page, address: str, folder: Path) -> None:
    """The starter raises where it is tried out, and so does an answer that is wrong enough."""
    problem = find_bank(ROOT / "problems").load("evaluate_model")
    (folder / template_name(problem)).write_text(template_text(problem))
    notebook = Notebook(page, address, template_name(problem))
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # earlier, JupyterLab asks which kernel
    notebook.run_all()
    notebook.card(SUBMIT, says="nothing is written yet")
    notebook.cell(TRY_IT).locator(".jp-OutputArea", has_text="NotImplementedError").wait_for(state="attached")
    notebook.write(STARTER, "def evaluate(model, loader, loss_fn):\n    return loss_fn(model)\n")
    notebook.run_all()
    card = notebook.card(SUBMIT, says="cases passed")
    notebook.cell(TRY_IT).locator(".jp-OutputArea", has_text="TypeError").wait_for(state="attached")
    assert "✗ run-time error" in card.inner_text()


def test_a_card_that_is_not_trusted_keeps_its_looks_and_runs_nothing(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    notebook = Notebook(page, address, "saved.ipynb")
    card = notebook.card(0, says="wrong answer")
    pill = card.locator("span", has_text="✗ wrong answer").first
    looks = pill.evaluate("pill => [getComputedStyle(pill).backgroundColor, getComputedStyle(pill).color]")
    assert looks == ["rgb(180, 35, 24)", "rgb(255, 255, 255)"]
    assert card.locator("details[open]").count() >= 1
    assert card.locator("script, img, a, style, iframe").count() == 0
    assert card.locator("mjx-container, .MathJax").count() == 0
    assert page.evaluate("window.stolen") is None
    assert not [url for url in asked if "attacker" in url]
