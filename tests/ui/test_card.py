"""The card: it says all that the text says, harmlessly, and reads without styles or colours."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from tests.model.test_report import REPORTS, a_report
from tests.model.test_sanitize import harmful
from torch_judge.model.report import (
    CaseResult,
    Counterexample,
    Diagnosis,
    ErrorMap,
    Explanation,
    Flag,
    Report,
    Verdict,
)
from torch_judge.ui.card import CheckStage, CheckState, as_card, as_progress

RIGHT = CaseResult("doubles", "doubles by default", Verdict.ACCEPTED, "", 0.25, "seen while right")
WRONG = CaseResult(
    "uses_scale",
    "uses the scale",
    Verdict.WRONG_ANSWER,
    "The result is `scale` times x.\noutput[0]: expected 1, found 2",
    0.5,
    "one\ntwo",
)
BROKEN = CaseResult("raises", "raises", Verdict.RUN_TIME_ERROR, "ValueError: no\nline 3", 0.1)
SLOW = CaseResult("waits", "waits", Verdict.TIME_LIMIT_EXCEEDED, "no answer after 1 seconds", 1.0)
EXAMPLE = Counterexample(
    (("x", "[[1., 2.], [3., 4.]]"), ("training", "False")),
    (("output", "[[1., 2.], [0., 4.]]"), ("mean", "[5.]"), ("raised", "ValueError: (3)")),
    (("output", "[[1., 2.], [9., 4.]]"), ("mean", "[5.]"), ("result", "[7.]")),
    ("output", "raised", "result"),
)
ATTACKS = (
    "</style><script>window.stolen = 1</script>",
    "<img src=http://attacker.invalid/x onerror='window.stolen = 1'>",
    '" onmouseover="window.stolen = 1" x="\' onclick=\'window.stolen = 1',
    "--></details></div><!-- <iframe src=javascript:alert(1)>",
    '<a href="javascript:window.stolen = 1">`</code><b>`</a>',
    "\x1b[31mred\x1b]8;;http://attacker.invalid\x07 \u202egnp.exe \u2066 \x00 \ud800 \ufffe \r\x0b\x85",
    "$x^2$ \\(\\href{javascript:1}{y}\\) $$z$$",
)
ALLOWED_TAGS = {
    "div",
    "span",
    "p",
    "b",
    "code",
    "pre",
    "details",
    "summary",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
}
ALLOWED_ATTRIBUTES = {"style", "class", "title", "role", "aria-label", "lang", "open", "colspan"}


class Reader(HTMLParser):
    """What a browser would find: every tag, attribute and the text; complains of what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.others: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, its attributes, and the new line that a block begins."""
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.text += "\n" if tag in {"div", "p", "tr", "details", "pre", "summary"} else ""

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data

    def handle_comment(self, data: str) -> None:
        """Note what a card has no use for."""
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment

    def styles(self) -> set[str]:
        """Return every style that is used."""
        return {value for name, value in self.attributes if name == "style"}


def read(html: str) -> Reader:
    found = Reader(html)
    assert found.open == []
    return found


def report(*cases: CaseResult, **changes: object) -> Report:
    return a_report(
        **{"verdict": Verdict.WRONG_ANSWER, "cases": cases, "isolation": ("process", "calls"), **changes}
    )


def hostile() -> Report:
    """Return a report in which every text is an attack."""
    words = " ".join(ATTACKS)
    picture = ErrorMap(words, (3, 4), 2, ("0000", "0900", "0009"))
    cases = tuple(
        CaseResult(attack, attack, verdict, f"{attack}\n{attack}", 0.0, attack, picture)
        for attack, verdict in zip(ATTACKS, Verdict, strict=False)
    )
    rows = tuple((attack, attack) for attack in ATTACKS)
    return a_report(
        problem=words,
        submission=words,
        verdict=Verdict.WRONG_ANSWER,
        message=words,
        cases=cases,
        isolation=(words,),
        isolation_missing={words: words},
        diagnosis=Diagnosis(words, words),
        explanations=(Explanation(words, words, (words,)),),
        flags=(Flag(words, words, 1, words, words),),
        counterexample=Counterexample(rows, rows, rows[::-1], ATTACKS[:2]),
    )


def test_the_card_says_the_problem_the_verdict_the_count_the_time_and_the_seed() -> None:
    text = read(as_card(report(RIGHT, WRONG, seed=41))).text
    assert "double" in text and "✗ wrong answer" in text
    assert "1 of 2 cases passed \u00b7 0.50 s \u00b7 seed 41" in text
    assert "isolat" not in text


def test_an_accepted_card_says_so_in_words() -> None:
    text = read(as_card(a_report(cases=(RIGHT,)))).text
    assert "✓ accepted" in text and "all 1 cases passed" in text
    assert "failed" not in text


def test_the_card_of_an_untouched_starter_speaks_of_no_error() -> None:
    says = "nothing is written yet: double is still the starter, which raises NotImplementedError"
    card = as_card(a_report(verdict=Verdict.RUN_TIME_ERROR, cases=(), message=says))
    text = read(card).text
    assert says in text and text.count("nothing is written yet") >= 2
    assert "run-time error" not in card and "✗" not in text


def test_the_diagnosis_stands_above_every_case() -> None:
    text = read(as_card(report(WRONG, diagnosis=Diagnosis("returns_x", "You return `x` itself.")))).text
    assert text.index("Your code behaves exactly like one with this mistake: returns x") < text.index(
        "You return x itself."
    )
    assert text.index("You return x itself.") < text.index("uses the scale: wrong answer")


def test_several_mistakes_are_explained_together() -> None:
    both = (Explanation("adds", "You add.", ("doubles",)), Explanation("cuts", "You cut.", ("raises",)))
    text = read(as_card(report(WRONG, explanations=both))).text
    assert "Most likely your code has two mistakes, which together explain what fails:" in text
    assert "adds. You add." in text and "cuts. You cut." in text


def test_the_first_failed_case_is_open_with_its_sentence_its_difference_and_its_prints() -> None:
    html = as_card(report(WRONG, BROKEN, SLOW))
    text = read(html).text
    assert html.count("<details") == 3 and html.count(" open=") == 1
    assert "3 cases failed; start with this one" in text
    assert html.index(" open=") < html.index("✗ uses the scale</b>")
    for words in (
        "✗ uses the scale: wrong answer",
        "The result is scale times x.",
        "output[0]: expected 1, found 2",
    ):
        assert words in text
    assert "your code printed\none\ntwo" in text
    assert "ValueError: no\nline 3" in text
    assert "✗ waits: time limit exceeded" in text and "no answer after 1 seconds" in text


def test_passed_cases_are_folded_with_what_they_printed() -> None:
    html = as_card(a_report(cases=(RIGHT, replace(RIGHT, name="b", title="another"))))
    assert html.count("<details") == 1 and " open=" not in html
    assert "2 cases passed" in read(html).text
    assert "✓ another" in read(html).text and "seen while right" in read(html).text


def test_what_stopped_a_submission_and_what_else_there_is_to_say_is_shown() -> None:
    stopped = a_report(
        verdict=Verdict.COMPILE_ERROR,
        message="SyntaxError: invalid (line 3)",
        isolation_missing={"files": "no Landlock"},
        notes=("What was judged is the source.",),
    )
    text = read(as_card(stopped, notes=("Solved for the first time.",))).text
    for words in (
        "What was judged is the source.",
        "✗ compile error",
        "no case was reached",
        "SyntaxError: invalid (line 3)",
        "Solved for the first time.",
    ):
        assert words in text
    assert "Less isolated than it should be, without: files" in text and "files: no Landlock" in text


def test_flags_are_folded_and_show_the_line() -> None:
    text = read(
        as_card(report(WRONG, flags=(Flag("gc", "It looks for objects.", 3, "a.py", "import gc"),)))
    ).text
    assert (
        "flagged for a grader: 1" in text
        and "a.py line 3: gc. It looks for objects." in text
        and "import gc" in text
    )


def check_harmless(html: str, trusted_styles: set[str]) -> None:
    """Hold a card to what every card may have: our tags, our attributes, our styles."""
    found = read(html)
    assert set(found.tags) <= ALLOWED_TAGS
    assert {name for name, _ in found.attributes} <= ALLOWED_ATTRIBUTES
    assert found.others == []
    assert found.styles() <= trusted_styles
    assert harmful(found.text.replace("\u00a0", " ")) == []
    assert [value for name, value in found.attributes if name == "class"] == [
        "torch-judge tex2jax_ignore mathjax_ignore"
    ]


def styles_of(pattern: Report) -> set[str]:
    """Return the styles of a card of the same kind whose words are harmless."""
    return read(as_card(pattern)).styles()


def tame(any_report: Report) -> Report:
    """Return a report of the same form in which every text is a plain word, or two lines."""
    calm = tuple(
        replace(
            case,
            name=f"c{n}",
            title="word",
            message=re.sub(r"[^\n]+", "w", case.message),
            stdout="word" if case.stdout else "",
        )
        for n, case in enumerate(any_report.cases)
    )
    return replace(any_report, problem="word", submission="word", cases=calm)


def test_every_attack_stays_text() -> None:
    check_harmless(as_card(hostile()), styles_of(tame(hostile())))


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_on_a_running_check_stays_text(attack: str) -> None:
    case = CaseResult(attack, attack, Verdict.WRONG_ANSWER, attack, 0.0, attack)
    for stage in CheckStage:
        progress = CheckState(attack, attack, stage, (case, RIGHT), {attack: case})
        check_harmless(as_progress(progress), read(as_progress(progress)).styles())


def test_a_part_that_took_text_for_markup_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        check_harmless(f"<div class='torch-judge tex2jax_ignore mathjax_ignore'>{ATTACKS[0]}</div>", set())


@settings(deadline=None, max_examples=60)
@given(REPORTS)
@example(hostile())
def test_no_report_gets_out_of_its_card(any_report: Report) -> None:
    html = as_card(any_report)
    found = read(html)
    assert set(found.tags) <= ALLOWED_TAGS
    assert {name for name, _ in found.attributes} <= ALLOWED_ATTRIBUTES
    assert harmful(found.text.replace("\u00a0", " ")) == []
    assert html.isprintable() or not harmful(html)


def test_the_card_needs_neither_script_nor_style_sheet_nor_anything_from_elsewhere() -> None:
    html = as_card(hostile())
    assert not re.search(r"<(script|style|link|img|svg|iframe|object|embed)\b", html)
    assert "<" not in re.sub(r"</?(div|span|p|b|code|pre|details|summary|table|tbody|tr|td|th)[ >]", "", html)
    assert not re.search(r"url\(|@import|expression\(|var\(", " ".join(read(html).styles()))


def test_a_running_check_shows_each_decided_case_and_what_runs_now() -> None:
    cases = tuple(
        replace(case, verdict=Verdict.JUDGE_ERROR, message="not run", stdout="")
        for case in (RIGHT, WRONG, SLOW, BROKEN)
    )
    progress = CheckState(
        "double", "double", CheckStage.RUNNING, cases, {RIGHT.name: RIGHT, WRONG.name: WRONG}
    )
    html = as_progress(progress)
    text = read(html).text
    assert "running" in text and "2 of 4 cases decided" in text and "now: waits" in text
    assert "✗ uses the scale: wrong answer" in text and "not run" not in text
    assert re.findall(r'title="([^"]*)"', html) == [
        "doubles by default: passed",
        "uses the scale: wrong answer",
        "waits: running",
        "raises: not decided",
    ]
    assert 'aria-label="1 passed, 1 failed, 2 not decided"' in html


def test_an_interrupted_check_says_that_nothing_is_running() -> None:
    progress = CheckState("double", "double", CheckStage.INTERRUPTED, (RIGHT, WRONG), {RIGHT.name: RIGHT})
    text = read(as_progress(progress)).text
    assert (
        "interrupted" in text
        and "Nothing of it is running any more" in text
        and "1 of 2 cases decided" in text
    )
    assert "now:" not in text


def test_every_verdict_and_stage_is_a_word_on_its_card() -> None:
    for verdict in Verdict:
        assert verdict.value in read(as_card(a_report(verdict=verdict))).text
    for stage in CheckStage:
        assert stage.value in read(as_progress(CheckState("double", "double", stage))).text
    stopped = CheckState("double", "double", CheckStage.INTERRUPTED)
    assert "You said so." in read(as_progress(stopped, why="You said so.")).text
    assert "run the cell again" not in read(as_progress(stopped, why="You said so.")).text


def test_a_real_report_in_json_makes_the_same_card(tmp_path: Path) -> None:
    first = report(
        RIGHT, replace(WRONG, picture=ErrorMap("a", (2, 4), 1, ("0009", "0000"))), counterexample=EXAMPLE
    )
    assert as_card(Report.from_json(first.to_json())) == as_card(first)


def test_a_check_that_waits_says_how_many_are_before_it_and_one_that_is_over_does_not() -> None:
    waiting = CheckState("double", "double.py", CheckStage.WAITING, ahead=3)
    assert "3 checks are before yours" in as_progress(waiting)
    over = as_progress(CheckState("double", "double.py", CheckStage.INTERRUPTED), why="Withdrawn.")
    assert "Withdrawn." in over and "no case was decided" in over
