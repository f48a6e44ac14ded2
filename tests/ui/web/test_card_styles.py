"""Cards for a page without inline styles: every look becomes data, every word stays what it was."""

from __future__ import annotations

from tests.support.attempts import a_report
from tests.support.pages import list_elements
from torch_judge.model.report import CaseResult, Counterexample, Diagnosis, Verdict
from torch_judge.ui.card import CheckState, as_card, as_progress
from torch_judge.ui.web.card_styles import move_styles

HOSTILE = 'a style="x" <script>alert(1)</script> &amp; " \' \x00 \u202e'
TABLE = ("table", "tbody", "tr", "th", "td")


def rename(attributes: dict[str, str | None]) -> dict[str, str | None]:
    return {"data-style" if name == "style" else name: value for name, value in attributes.items()}


def test_each_style_becomes_data_and_nothing_else_changes() -> None:
    report = a_report(
        Verdict.WRONG_ANSWER,
        diagnosis=Diagnosis("adds", HOSTILE),
        counterexample=Counterexample((("x", HOSTILE),), (("y", "1"),), (("y", "2"),), ("y",)),
        cases=(CaseResult("a", HOSTILE, Verdict.WRONG_ANSWER, message=HOSTILE, stdout=HOSTILE),),
    )
    before, after = list_elements(as_card(report)), list_elements(move_styles(as_card(report)))
    assert any("style" in attributes for _, attributes in before)
    assert not any("style" in attributes for _, attributes in after)
    assert [(tag, rename(attributes)) for tag, attributes in before] == after
    assert {tag for tag, _ in after} <= {"div", "span", "b", "p", "pre", "code", "details", "summary", *TABLE}
    assert 'a style="x" &lt;script&gt;' in move_styles(as_card(report))


def test_a_check_that_is_on_its_way_is_a_card_too() -> None:
    state = CheckState("double", "double.py", cases=(CaseResult("a", HOSTILE, Verdict.JUDGE_ERROR),))
    assert "now: a style" in move_styles(as_progress(state))
