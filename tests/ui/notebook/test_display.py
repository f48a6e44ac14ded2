"""A check on display: live while cases run, one card at the end, clean when it is interrupted."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.kernels import Listener, cards, listened, shown
from tests.support.packages import SOLUTION, write_package
from tests.ui.cli.test_output import look_at
from torch_judge.model.errors import Interrupted
from torch_judge.model.report import CaseResult, Verdict
from torch_judge.ui.card import CheckState
from torch_judge.ui.notebook.display import CardDisplay

SLOW = "import time\ndef double(x, scale=2.0):\n    time.sleep(0.4)\n    print('slept')\n    return x * 2\n"
INTERRUPTED = (
    "import os, signal, threading\n"
    "def double(x, scale=2.0):\n    while True: pass\n"
    "threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
    "check('double')"
)
LEFT = (
    "import psutil, time\n"
    "def left():\n"
    "    family = psutil.Process().children(recursive=True)\n"
    "    ours = [p for p in family if 'torch_judge' in ' '.join(p.cmdline())]\n"
    "    return [p.pid for p in ours if p.status() != 'zombie']\n"
    "until = time.monotonic() + 5\n"
    "while len(left()) > 1 and time.monotonic() < until: time.sleep(0.05)\n"
    "len(left()), [t.name for t in threading.enumerate() if 'torch_judge' in t.name]"
)
TWO = (
    "import threading\n"
    "reports = {}\n"
    "def judged(name, function): reports[name] = check('double', function, seed=5)\n"
    "both = [threading.Thread(target=judged, args=each) for each in [('right', right), ('wrong', wrong)]]\n"
    "[each.start() for each in both]; [each.join() for each in both]\n"
    "{name: report.verdict.value for name, report in sorted(reports.items())}"
)
CELLS = (
    "from torch_judge import check\n" + SOLUTION + "check('double')",
    SLOW + "check('double', seed=3)",
    "report = check('double', lambda x, scale=2.0: x * 2)",
    "report",
    "check('double').verdict.value",
    INTERRUPTED,
    LEFT,
    "def right(x, scale=2.0): return x * scale\ndef wrong(x, scale=2.0): return x",
    TWO,
)
FIRST, LIVE, KEPT, AGAIN, WORD, BROKEN_OFF, AFTER, _, BOTH = range(len(CELLS))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Listener:
    """Run all cells in one kernel."""
    folder = tmp_path_factory.mktemp("display")
    write_package(folder / "bank")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORCH_JUDGE_BANK", str(folder / "bank"))
        patch.setenv("PYTHONPATH", str(ROOT))
        return listened(CELLS, folder)


def heard(session: Listener, cell: int) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, content) for number, kind, content in session.heard if number == cell]


def test_a_check_at_the_end_of_a_cell_shows_one_card_and_nothing_else(session: Listener) -> None:
    cell = session.nb.cells[FIRST]
    assert len(cell.outputs) == 1
    assert "all 3 cases passed" in cards(cell)[0]
    assert "\ndouble: accepted, 3 of 3 cases passed\n" in shown(cell)


def test_a_script_at_a_terminal_shows_a_screen_of_a_report() -> None:
    script = (
        "from tests.ui.cli.test_output import REPORT\n"
        "from torch_judge.ui.notebook.display import TextDisplay\n"
        "TextDisplay().finish(REPORT, notes=['[not kept]'])\n"
    )
    lines = look_at(script)
    assert len(lines) < 24
    assert lines[-3:] == [
        "seed 1, 0.50 s, a.py",
        "double: wrong answer, 0 of 30 cases passed",
        "[not kept]",
    ]


def test_the_card_is_live_while_cases_run(session: Listener) -> None:
    kinds = [kind for kind, _ in heard(session, LIVE)]
    contents = [content for _, content in heard(session, LIVE)]
    assert kinds[0] == "display_data" and set(kinds[1:]) == {"update_display_data"}
    assert len({content["transient"]["display_id"] for content in contents}) == 1
    pages = [content["data"]["text/html"] for content in contents]
    assert any("1 of 3 cases decided" in page or "2 of 3 cases decided" in page for page in pages[:-1])
    assert "✗ wrong answer" in pages[-1] and "cases decided" not in pages[-1]
    assert cards(session.nb.cells[LIVE]) == [pages[-1]]
    assert "slept" in pages[-1]


def test_a_report_is_its_card_wherever_a_cell_ends_with_it(session: Listener) -> None:
    kept, again, word = (session.nb.cells[each] for each in (KEPT, AGAIN, WORD))
    assert len(kept.outputs) == len(again.outputs) == 1
    assert cards(again) == cards(kept)
    assert shown(word).splitlines()[-1] == "'wrong answer'" and len(cards(word)) == 1


def test_an_interrupted_check_leaves_a_clean_card_and_nothing_running(session: Listener) -> None:
    cell = session.nb.cells[BROKEN_OFF]
    (card,) = cards(cell)
    assert "Nothing of it is running any more" in card
    assert [output["output_type"] for output in cell.outputs] == ["display_data", "error"]
    assert cell.outputs[1]["traceback"] == ["torch_judge: interrupted"]
    count, threads = eval(shown(session.nb.cells[AFTER]))
    assert count <= 1 and threads == []


def test_two_checks_at_once_have_a_card_each(session: Listener) -> None:
    cell = session.nb.cells[BOTH]
    assert shown(cell).splitlines()[-1] == "{'right': 'accepted', 'wrong': 'wrong answer'}"
    finals = [page for page in cards(cell) if "seed 5" in page]
    assert sorted("✓ accepted" in page for page in finals) == [False, True]


class Kernel:
    """An IPython shell as far as a display needs one; keeps what is published."""

    execution_count = 1

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.display_pub = self

    def publish(self, data: dict[str, str], **_options: Any) -> None:
        """Keep a card."""
        self.pages.append(data["text/html"])


CASES = tuple(CaseResult(str(n), f"case {n}", Verdict.JUDGE_ERROR, "not run") for n in range(3))


def end_with(error: BaseException, kernel: Kernel) -> None:
    """Run a display whose block ends with an error."""
    with CardDisplay(kernel, CheckState("double", "double")) as display:
        display.on_suite(CASES)
        display.on_case(CaseResult("0", "case 0", Verdict.ACCEPTED))
        raise error


def test_an_error_of_ours_leaves_a_card_that_says_so_and_comes_through() -> None:
    kernel = Kernel()
    with pytest.raises(ZeroDivisionError):
        end_with(ZeroDivisionError(), kernel)
    assert "The judge could not go on" in kernel.pages[-1]


def test_an_interrupt_is_one_without_a_traceback_through_the_judge() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        end_with(KeyboardInterrupt(), Kernel())
    assert isinstance(caught.value, Interrupted)
    assert caught.value._render_traceback_() == ["torch_judge: interrupted"]


def test_no_thread_outlives_its_display() -> None:
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError):
        end_with(ZeroDivisionError(), Kernel())
    assert set(threading.enumerate()) == before


def test_cases_that_are_decided_at_once_are_shown_at_once() -> None:
    kernel = Kernel()
    many = tuple(CaseResult(str(n), f"case {n}", Verdict.ACCEPTED) for n in range(1000))
    with CardDisplay(kernel, CheckState("double", "double")) as display:
        display.on_suite(many)
        for case in many:
            display.on_case(case)
    assert len(kernel.pages) < len(many) / 5
