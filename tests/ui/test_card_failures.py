"""The failed cases on a card: what is no news is folded, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

from tests.ui.test_card import BROKEN, WRONG, read, report
from torch_judge.model.report import CaseResult, Diagnosis, Report, Verdict
from torch_judge.ui.card_failures import draw_failures
from torch_judge.ui.failures import arrange_failures
from torch_judge.ui.html import html


def draw(whole: Report) -> str:
    return "".join(html(part) for part in draw_failures(whole, arrange_failures(whole)))


def number(case: CaseResult, count: int) -> list[CaseResult]:
    return [replace(case, name=f"{case.name}{n}", title=f"{case.title} {n}") for n in range(count)]


def test_without_a_mistake_only_the_first_is_open() -> None:
    drawn = draw(report(*number(WRONG, 12)))
    assert drawn.count("<details") == 12 and drawn.count(" open=") == 1
    assert drawn.index(" open=") < drawn.index("uses the scale 0")
    assert "12 cases failed; start with this one" in read(drawn).text


def test_what_a_mistake_predicts_is_folded_into_a_line() -> None:
    cases = [replace(case, predicted=True) for case in number(WRONG, 12)]
    text = read(draw(report(*cases, diagnosis=Diagnosis("adds", "It adds.")))).text
    assert "12 cases failed, all as this mistake predicts" in text
    assert text.index("uses the scale 0") < text.index("11 more fail, as this mistake predicts")
    assert text.index("11 more fail") < text.index("uses the scale 1:") < text.index("uses the scale 11:")


def test_what_no_mistake_predicts_stands_beside_it() -> None:
    predicted, other = (replace(case, predicted=n == 0) for n, case in enumerate(number(WRONG, 2)))
    text = read(draw(report(predicted, other, diagnosis=Diagnosis("adds", "It adds.")))).text
    assert "2 cases failed" in text and "predicts" not in text and "start with" not in text


def test_the_same_error_is_told_once_with_the_cases_that_it_stops() -> None:
    drawn = draw(report(*number(BROKEN, 34), verdict=Verdict.RUN_TIME_ERROR))
    text = read(drawn).text
    assert text.count("ValueError: no") == 1
    assert "raises 0: run-time error \u00d7 34" in text
    assert "33 more fail with the same message" in text and "✗ raises 33" in text


def test_the_case_that_decided_the_verdict_is_the_open_one() -> None:
    drawn = draw(report(WRONG, BROKEN, verdict=Verdict.RUN_TIME_ERROR))
    assert drawn.index(" open=") < drawn.index("✗ raises") < drawn.index("✗ uses the scale")


def test_of_an_accepted_answer_nothing_is_drawn() -> None:
    assert draw(report(verdict=Verdict.ACCEPTED)) == ""
