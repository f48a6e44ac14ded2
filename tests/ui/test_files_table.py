"""The table of many files: a line each, the commonest mistakes, and the sums last."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from torch_judge.model.report import CaseResult, Certainty, Diagnosis, Explanation, Report, Verdict
from torch_judge.ui.files_table import as_files_table, name_mistakes
from torch_judge.ui.text import as_text

PASSED = CaseResult("a", "the output is right", Verdict.ACCEPTED)
FAILED = CaseResult("b", "momentum defaults to 0.1", Verdict.WRONG_ANSWER, "output[0]: expected 1, found 2")
RAISED = CaseResult("c", "works on one row", Verdict.RUN_TIME_ERROR, "ValueError: no (line 3: `raise`)\nmore")
REPORT = Report("double", "class/anna.py", Verdict.ACCEPTED, 7, 0.5, (PASSED, PASSED), ())


def report(name: str, *cases: CaseResult, mistake: str = "", **changes: object) -> Report:
    verdict = max((case.verdict for case in cases), key=lambda verdict: verdict.gravity)
    diagnosis = Diagnosis(mistake, "It is so.") if mistake else None
    return replace(
        REPORT,
        submission=name,
        cases=cases,
        verdict=verdict,
        diagnosis=diagnosis,
        **changes,  # type: ignore[arg-type]
    )


def show(*reports: Report, width: int = 0) -> list[str]:
    table = as_files_table(reports)
    if not width:
        return as_text(table).splitlines()
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(table)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_each_file_is_a_line_with_verdict_passed_and_mistake() -> None:
    lines = show(REPORT, report("class/ben.py", PASSED, FAILED, mistake="unbiased_variance"))
    assert lines[0].split() == ["file", "verdict", "passed", "mistake"]
    assert lines[1].split() == ["anna.py", "accepted", "2", "of", "2"]
    assert lines[2].split("  ")[0::1][0] == "ben.py" and lines[2].endswith("1 of 2  unbiased variance")
    assert "_" not in "".join(lines)


def test_the_commonest_mistakes_are_those_of_several_files_most_first() -> None:
    names = ["a", "b", "b", "c", "c", "c", "d"]
    lines = show(*(report(f"{n}.py", FAILED, mistake=f"does_{name}") for n, name in enumerate(names)))
    at = lines.index("commonest mistakes")
    assert [line.split(None, 2) for line in lines[at + 1 : at + 4]] == [
        ["3", "files", "does c"],
        ["2", "files", "does b"],
        [],
    ]


def test_without_a_mistake_that_two_files_share_none_is_the_commonest() -> None:
    assert "commonest mistakes" not in show(REPORT, report("b.py", FAILED, mistake="does_a"))


def test_several_mistakes_of_one_file_count_each() -> None:
    both = replace(
        report("a.py", FAILED), explanations=(Explanation("does_a", "", ()), Explanation("does_b", "", ()))
    )
    assert name_mistakes(both) == ("does_a", "does_b")
    lines = show(both, report("b.py", FAILED, mistake="does_a"))
    assert any(line.endswith("does a and does b") for line in lines)
    assert "    2 files  does a" in lines


def test_a_part_of_what_is_wrong_is_said_to_be_a_part() -> None:
    partly = replace(report("a.py", FAILED), diagnosis=Diagnosis("does_a", "", Certainty.PARTLY))
    assert show(partly)[1].endswith("does a, and more")


def test_where_no_mistake_is_named_what_decided_is_said_in_a_few_words() -> None:
    stopped = replace(REPORT, verdict=Verdict.COMPILE_ERROR, cases=(), message="x" * 100)
    lines = show(report("a.py", PASSED, FAILED), report("b.py", FAILED, RAISED), stopped)
    assert lines[1].endswith("fails: momentum defaults to 0.1")
    assert lines[2].endswith("ValueError: no")
    assert lines[3].endswith(" " + "x" * 57 + "...")


def test_the_last_line_is_the_sums_and_the_one_seed() -> None:
    lines = show(REPORT, report("b.py", FAILED), report("c.py", RAISED), report("d.py", FAILED))
    assert lines[-1] == ("double: 1 of 4 files accepted; 2 wrong answer, 1 run-time error; seed 7 for all")
    assert show(REPORT, REPORT)[-1] == "double: 2 of 2 files accepted; seed 7 for all"


def test_what_a_submission_says_cannot_steer_the_terminal_or_begin_a_line() -> None:
    hostile = CaseResult("b", "t", Verdict.RUN_TIME_ERROR, "E: \x1b[2J\u202e\rdouble: 9 of 9 files accepted")
    lines = show(report("\x1b[2J\nx.py", hostile), REPORT)
    assert not {"\x1b", "\u202e", "\r"} & set("".join(lines))
    assert [line.startswith("double: ") for line in lines].count(True) == 1


def test_twelve_files_fit_a_terminal_of_80_columns() -> None:
    reports = [
        report(
            f"class/{name}.py", *[PASSED] * 20, *[FAILED] * 15, mistake="running_variance_changed_in_place"
        )
        for name in "abcdefghijkl"
    ]
    lines = show(*reports, width=80)
    assert max(map(len, lines)) <= 80
    assert " ".join(lines).count("running variance changed in") == 13


def test_only_a_folder_that_all_files_share_is_left_out() -> None:
    paths = ["class/a.py", "class/b/c.py"]
    assert [line.split()[0] for line in show(*(report(path, PASSED) for path in paths))[1:3]] == [
        "a.py",
        "b/c.py",
    ]
    paths = ["/class/a.py", "b.py", "standard input"]
    lines = show(*(report(path, PASSED) for path in paths))
    assert [line.split("  ")[0] for line in lines[1:4]] == paths
