"""The pages of a learner's day, as text and as HTML."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.attempts import a_report, an_attempt
from tests.support.packages import SOLUTION, write_package
from torch_judge.learning.database import FILE
from torch_judge.learning.history import History, find_history, record
from torch_judge.learning.standing import find_standing
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import CaseResult, Verdict
from torch_judge.model.submission import from_source
from torch_judge.ui.document import Code, Grid, Tone
from torch_judge.ui.learning_pages import (
    Place,
    StillOpen,
    list_solved,
    make_attempt_page,
    make_hint_page,
    make_history_page,
    make_solution_page,
    make_solved_page,
    make_status_page,
)

NOWHERE = History(Path("/dev/null/home"))


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    write_package(tmp_path / "bank")
    (tmp_path / "bank" / "double" / "hints.md").write_text("First.\n---\nSecond.\n")
    return find_bank(tmp_path / "bank").load("double")


@pytest.fixture
def history(home: Path) -> History:
    return find_history()


def test_a_command_is_written_as_it_is_typed_where_the_learner_works() -> None:
    notebook, terminal = Place.NOTEBOOK, Place.TERMINAL
    assert notebook.call("solution", "double", give_up=True) == 'solution("double", give_up=True)'
    assert notebook.call("history", "double", 2) == 'history("double", 2)'
    assert terminal.call("solution", "double", yes=True) == "torch-judge solution double --yes"
    assert terminal.call("hint", "double", number=2) == "torch-judge hint double --number 2"
    assert terminal.call("history", "double", 2) == "torch-judge history double 2"


def test_each_hint_says_how_to_go_on(problem: Problem, history: History) -> None:
    first, second, all_again = (
        make_hint_page(problem, history, place=Place.NOTEBOOK).as_text(width=200) for _ in range(3)
    )
    assert first == 'double: hint 1 of 2\n\nFirst.\n\n`hint("double")` gives the next one.'
    way_out = '`solution("double")` shows the jury solution once you have solved it, or give up.'
    assert second == f"double: hint 2 of 2\n\nSecond.\n\nThis is the last one. {way_out}"
    head = "double: you have seen all 2 hints; here they are again"
    assert all_again == f"{head}\n\n1. First.\n\n2. Second.\n\n{way_out}"


def test_in_a_watch_a_hint_names_the_key_and_not_the_command(problem: Problem, history: History) -> None:
    texts = [make_hint_page(problem, history, place=Place.WATCH).as_text(width=200) for _ in range(2)]
    assert texts[0].endswith("`h` gives the next one.")
    assert "`s` shows the jury solution" in texts[1]
    assert "torch-judge" not in "".join(texts)


def test_a_hint_that_fits_the_last_attempt_says_so(problem: Problem, history: History) -> None:
    (problem.folder / "hints.md").write_text("First.\n---\nfits: adds\nSecond.\n")
    history.add(an_attempt(bank=str(problem.bank), problem="double", diagnosis="adds"))
    head = "double: hint 2 of 2, which fits what your last attempt did\n\nSecond."
    assert repr(make_hint_page(problem, history, place=Place.TERMINAL)).startswith(head)


def test_an_accepted_answer_opens_the_solution_other_right_ways_and_the_next_problem(
    problem: Problem, history: History
) -> None:
    assert make_solved_page(problem, history, place=Place.TERMINAL) is None
    record(problem, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    make_hint_page(problem, history, place=Place.TERMINAL)
    record(problem, from_source("x"), a_report())
    ways = len(problem.samples(Verdict.ACCEPTED))
    for place, jury, all_ways in (
        (Place.TERMINAL, "torch-judge solution double", "torch-judge solution double --all"),
        (Place.NOTEBOOK, 'solution("double")', 'solution("double", all=True)'),
        (Place.WATCH, "s", "torch-judge solution double --all"),
    ):
        page = make_solved_page(problem, history, place=place)
        assert page is not None
        head, compare, following = page.as_text(width=200).split("\n\n")
        assert head == "Solved on attempt 2, with 1 hint. 1 of 1 problems solved."
        others = f"{ways} other right way{'' if ways == 1 else 's'}"
        assert compare == f"Compare it with the jury solution: `{jury}`. With {others} besides: `{all_ways}`."
        assert following == "Every problem is solved."
        assert list_solved(problem, a_report(), place=place) == (head, compare, following)
    assert list_solved(problem, a_report(Verdict.WRONG_ANSWER), place=Place.NOTEBOOK) == ()
    record(problem, from_source("x"), a_report())
    again = repr(make_solved_page(problem, history, place=Place.TERMINAL))
    assert again.startswith("Solved again; the first time was on attempt 2, with 1 hint.")


def test_a_history_that_cannot_be_read_opens_nothing(problem: Problem, tmp_path: Path) -> None:
    (tmp_path / "broken" / FILE).mkdir(parents=True)
    assert make_solved_page(problem, History(tmp_path / "broken"), place=Place.TERMINAL) is None


def test_the_other_right_ways_are_shown_as_the_solution_is(problem: Problem, history: History) -> None:
    option = r"torch-judge solution double --yes --all"
    with pytest.raises(StillOpen, match=option):
        make_solution_page(problem, history, place=Place.TERMINAL, with_others=True)
    record(problem, from_source("x"), a_report())
    page = make_solution_page(problem, history, place=Place.TERMINAL, with_others=True)
    samples = problem.samples(Verdict.ACCEPTED)
    assert samples
    codes = [block.text for block in page.blocks if isinstance(block, Code)]
    assert codes == [SOLUTION, *(sample.read_text() for sample in samples)]
    assert f"another right way, {samples[0].name.replace('_', ' ')}" in repr(page)


def test_a_problem_without_hints_says_so(problem: Problem, history: History) -> None:
    (problem.folder / "hints.md").write_text("")
    assert repr(make_hint_page(problem, history, place=Place.TERMINAL)) == "double has no hints."


def test_a_hint_that_cannot_be_remembered_says_how_to_see_the_others(problem: Problem) -> None:
    text = repr(make_hint_page(problem, NOWHERE, place=Place.NOTEBOOK)).replace("\n", " ")
    assert (
        "First." in text and "which hints you have seen is not remembered: progress cannot be saved" in text
    )
    assert text.endswith('`hint("double", number=2)` shows the second')


def test_the_solution_is_refused_with_the_command_that_shows_it(problem: Problem, history: History) -> None:
    for place, command in (
        (Place.NOTEBOOK, r'solution\("double", give_up=True\)'),
        (Place.TERMINAL, "torch-judge solution double --yes"),
    ):
        with pytest.raises(StillOpen, match=f"not solved double yet; {command} shows the solution"):
            make_solution_page(problem, history, place=place)
    assert make_solution_page(problem, history, place=Place.NOTEBOOK, is_given_up=True).code == SOLUTION
    assert make_solution_page(problem, history, place=Place.NOTEBOOK).code == SOLUTION


def test_that_giving_up_cannot_be_remembered_is_said_below_the_solution(problem: Problem) -> None:
    page = make_solution_page(problem, NOWHERE, place=Place.TERMINAL, is_given_up=True)
    assert page.code == SOLUTION and "that you saw the solution is not remembered" in repr(page)


def test_the_status_says_where_a_learner_stands(problem: Problem, history: History) -> None:
    bank = find_bank(problem.folder.parent)
    assert "0 solved, 0 tried, 1 open" in repr(
        make_status_page(find_standing(bank, history), place=Place.TERMINAL)
    )
    record(problem, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    assert "0 solved, 1 tried, 0 open" in repr(
        make_status_page(find_standing(bank, history), place=Place.TERMINAL)
    )
    record(problem, from_source("x"), a_report(cases=(CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.5),)))
    record(problem, from_source("x"), a_report(cases=(CaseResult("a", "a", Verdict.ACCEPTED, seconds=0.25),)))
    text = repr(make_status_page(find_standing(bank, history), place=Place.TERMINAL))
    for words in (
        "1 solved, 0 tried, 0 open",
        "arithmetic  1 of 1 solved",
        "250 ms",
        "Streak: 1 day in a row",
        "Every problem is solved.",
    ):
        assert words in text


def test_the_status_shows_only_what_was_begun_below_its_topic(problem: Problem, history: History) -> None:
    bank = find_bank(problem.bank)

    def list_rows() -> list[tuple[Tone, str, str]]:
        page = make_status_page(find_standing(bank, history), place=Place.TERMINAL)
        (grid,) = (block for block in page.blocks if isinstance(block, Grid))
        return [(tone, row[0], row[2]) for tone, row in grid.list_toned()]

    topic = (Tone.TOPIC, "", "arithmetic")
    assert list_rows() == [topic]
    record(problem, from_source("x"), a_report(Verdict.WRONG_ANSWER))
    assert list_rows() == [topic, (Tone.BEGUN, "-", "double")]
    record(problem, from_source("x"), a_report())
    assert list_rows() == [topic, (Tone.DONE, "✓", "double")]


def test_a_history_that_somebody_else_wrote_steers_no_screen(problem: Problem, history: History) -> None:
    bank = str(problem.folder.parent)
    evil = "\x1b[2J<script>alert(1)</script>\u202e"
    history.add(
        an_attempt(bank=bank, problem="double", diagnosis=evil, source=evil, code=evil, failed=(evil,))
    )
    document = make_history_page(problem, history, place=Place.NOTEBOOK)
    page = document._repr_html_()
    assert "<script" not in page and "\x1b" not in page and "\u202e" not in page
    assert "\x1b" not in repr(document)


def test_the_status_names_the_next_problem_and_how_to_begin_it(problem: Problem, history: History) -> None:
    standing = find_standing(find_bank(problem.bank), history)
    for place, begin in ((Place.NOTEBOOK, 'reset("double")'), (Place.TERMINAL, "torch-judge start double")):
        last = repr(make_status_page(standing, place=place)).splitlines()[-1]
        assert last == f"Next: double, Double (easy). `{begin}` gives you its starter."


def test_the_history_lists_the_last_attempt_first_and_says_how_to_see_its_code(
    problem: Problem, history: History
) -> None:
    text = repr(make_history_page(problem, history, place=Place.NOTEBOOK))
    assert text == "No attempt at double is kept."
    attempt = an_attempt(bank=str(problem.bank), problem="double", source="/a" * 30)
    for change in ({}, {"verdict": None, "failed": (), "cases": 0, "seed": None}):
        history.add(replace(attempt, id=an_attempt().id, **change))
    head, grid, after = repr(make_history_page(problem, history, place=Place.NOTEBOOK)).split("\n\n")
    assert (head, after) == ("double: 2 attempts", '`history("double", 2)` shows that attempt\'s code.')
    newest, oldest = grid.splitlines()[1:]
    assert newest.startswith("2 ") and "put aside, not judged" in newest
    assert oldest.startswith("1 ") and "1 of 3" in oldest and oldest.endswith(f"  ...{'/a' * 20}")
    last = repr(make_history_page(problem, history, place=Place.TERMINAL, most=1))
    assert "the last 1 of 2 attempts" in last and "`torch-judge history double 2` shows" in last


def test_an_attempt_is_shown_with_its_code_and_a_few_of_its_failed_cases(
    problem: Problem, history: History
) -> None:
    names = tuple(f"case_{number}" for number in range(7))
    history.add(an_attempt(bank=str(problem.bank), problem="double", failed=names, code="x = 1\n"))
    history.add(an_attempt(bank=str(problem.bank), problem="double", failed=names[:1], code="", seed=None))
    head, failed, code, facts = repr(make_attempt_page(problem, history, 1)).split("\n\n")
    assert head.startswith("double: attempt 1, 20") and head.endswith(", wrong answer")
    assert failed == "Failed: case 0; case 1; case 2; case 3; case 4; and 2 more."
    assert code == "x = 1"
    assert facts.replace("\n", " ") == (
        "batchnorm.py; 0.25 s in its cases, seed 4294967295; bank 0123456789abcdef, judge 1.0.0"
    )
    other = repr(make_attempt_page(problem, history, 2))
    assert "# its text was not to be had" in other and "Failed: case 0." in other and "seed" not in other
