"""Verdicts and reports: their order and their JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packages import CASES, SAMPLES, SOLUTION, write_package
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Framework
from torch_judge.model.report import (
    SCHEMA,
    CaseResult,
    Counterexample,
    Diagnosis,
    ErrorMap,
    Explanation,
    Flag,
    Report,
    Verdict,
    gravest,
    json_schema,
)
from torch_judge.model.submission import from_source
from torch_judge.model.version import PACKAGE

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)
SECONDS = st.floats(0, 1e6)
SHAPES = st.lists(st.integers(0, 2**40), max_size=4).map(tuple)
PICTURES = st.builds(
    ErrorMap,
    TEXTS,
    SHAPES,
    st.integers(0),
    st.lists(st.text("0123456789", max_size=40), max_size=20).map(tuple),
)
RESULTS = st.builds(
    CaseResult, TEXTS, TEXTS, st.sampled_from(Verdict), TEXTS, SECONDS, TEXTS, st.none() | PICTURES
)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple)
REPORTS = st.builds(
    Report,
    problem=TEXTS,
    submission=TEXTS,
    verdict=st.sampled_from(Verdict),
    seed=st.integers(0, 2**64),
    elapsed_seconds=SECONDS,
    cases=st.lists(RESULTS, max_size=3).map(tuple),
    isolation=st.lists(TEXTS, max_size=3).map(tuple),
    message=TEXTS,
    diagnosis=st.none() | st.builds(Diagnosis, TEXTS, TEXTS),
    counterexample=st.none()
    | st.builds(Counterexample, ROWS, ROWS, ROWS, st.lists(TEXTS, max_size=3).map(tuple)),
    isolation_missing=st.dictionaries(TEXTS, TEXTS, max_size=2),
    flags=st.lists(st.builds(Flag, TEXTS, TEXTS, st.integers(0), TEXTS, TEXTS), max_size=2).map(tuple),
    explanations=st.lists(
        st.builds(Explanation, TEXTS, TEXTS, st.lists(TEXTS, max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    notes=st.lists(TEXTS, max_size=2).map(tuple),
)
KEYS = [
    "schema",
    "problem",
    "submission",
    "verdict",
    "seed",
    "elapsed_seconds",
    "cases",
    "isolation",
    "message",
    "diagnosis",
    "isolation_missing",
    "flags",
    "counterexample",
    "explanations",
    "notes",
]
CASE_KEYS = ["name", "title", "verdict", "message", "seconds", "stdout", "picture", "predicted"]


def a_report(**changes: object) -> Report:
    facts = {
        "problem": "double",
        "submission": "a.py",
        "verdict": Verdict.ACCEPTED,
        "seed": 1,
        "elapsed_seconds": 0.5,
    }
    return Report(**{**facts, "cases": (), "isolation": (), **changes})


@given(REPORTS)
def test_every_report_comes_back_from_its_json(report: Report) -> None:
    assert Report.from_json(report.to_json()) == report


@given(REPORTS)
def test_the_json_of_a_report_is_one_line_that_any_stream_can_write(report: Report) -> None:
    text = report.to_json()
    assert len(text.splitlines()) == 1
    assert text.isascii()


def test_the_json_has_exactly_the_keys_that_are_promised_in_their_order() -> None:
    case = CaseResult("a_case", "a case", Verdict.WRONG_ANSWER, "off", 0.25, "printed")
    report = a_report(
        cases=(case,), diagnosis=Diagnosis("returns_x", "You return x."), isolation=("process",)
    )
    found = json.loads(report.to_json())
    assert list(found) == KEYS
    assert list(found["cases"][0]) == CASE_KEYS
    assert found["cases"][0]["verdict"] == "wrong answer"
    assert found["diagnosis"] == {
        "gotcha": "returns_x",
        "says": "You return x.",
        "certainty": "exactly",
        "cases": [],
    }
    assert json.loads(a_report().to_json())["diagnosis"] is None


def test_a_time_that_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        a_report(elapsed_seconds=float("nan")).to_json()


def test_a_report_with_an_unknown_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="splendid"):
        Report.from_json(a_report().to_json().replace("accepted", "splendid"))


def written(**changes: Any) -> str:
    """Return the JSON of a report with other values for some keys; a value of None takes the key away."""
    case = CaseResult("a_case", "a case", Verdict.WRONG_ANSWER, picture=ErrorMap("output", (2,), 1, ("09",)))
    fields = json.loads(a_report(cases=(case,), isolation_missing={"files": "why"}).to_json()) | changes
    gone = {key for key, value in changes.items() if value is None}
    return json.dumps({key: value for key, value in fields.items() if key not in gone})


def test_a_report_of_the_time_before_there_were_schemas_is_read() -> None:
    assert Report.from_json(written(schema=None)) == Report.from_json(written(schema=SCHEMA))


def test_a_report_without_what_was_added_later_is_read() -> None:
    report = Report.from_json(written(flags=None, counterexample=None, explanations=None))
    assert (report.flags, report.counterexample, report.explanations) == ((), None, ())


@pytest.mark.parametrize("schema", [SCHEMA + 1, 0, "1", True])
def test_a_report_of_another_schema_is_refused(schema: object) -> None:
    with pytest.raises(ValueError, match=f"schema: expected 1, found {schema!r}"):
        Report.from_json(written(schema=schema))


REFUSED = {
    "an unknown key": ({"colour": 1}, "colour: is no key"),
    "an unknown key without a name": ({"": 1}, ": is no key"),
    "a number as text": ({"seed": "1"}, r"\$\.seed"),
    "a truth as a number": ({"seed": True}, r"\$\.seed"),
    "no list": ({"cases": {}}, r"\$\.cases"),
    "a number among words": ({"isolation": ["files", 1]}, r"\$\.isolation\[1\]"),
    "an inner value": ({"isolation_missing": {"files": 1}}, r"\$\.isolation_missing"),
    "a pair of one": ({"counterexample": {"inputs": [["x"]]}}, r"\$\.counterexample\.inputs\[0\]"),
    "an inner key": ({"diagnosis": {"gotcha": "a", "says": "b", "when": 1}}, r"diagnosis\.when: is no key"),
    "an endless time": ({"elapsed_seconds": float("inf")}, "found Infinity"),
}


@pytest.mark.parametrize(("changes", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_a_report_that_is_not_as_it_should_be_is_refused_by_its_key(
    changes: dict[str, Any], says: str
) -> None:
    assert Report.from_json(written()).seed == 1
    with pytest.raises(ValueError, match=says):
        Report.from_json(written(**changes))


@pytest.mark.parametrize("key", ["problem", "submission", "verdict", "seed", "cases", "isolation"])
def test_a_report_that_lacks_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        Report.from_json(written(**{key: None}))


@pytest.mark.parametrize("text", ["", "[]", "3", "[" * 100_000, "{"])
def test_what_is_no_report_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"report|Expecting"):
        Report.from_json(text)


# --- the schema that ships ---

SCHEMA_FILE = PACKAGE / "model" / "report.schema.json"
SPACE = """

from torch_judge.authoring import counterexample


def small(draw):
    return {"x": torch.tensor(draw.array((2, 2), -3, 4)), "scale": draw.number(-2, 3)}


@counterexample(inputs=small)
def answer(double, inputs):
    return {"output": double(inputs["x"], scale=inputs["scale"])}
"""
ONLY_LARGE = '"""Ignores a large scale."""\n\n\ndef double(x, scale=2.0):\n    return x * min(scale, 2.5)\n'
BENDS_THE_GRAPH = SAMPLES["wrong_answer/cuts_the_graph.py"].replace("2 ", "9 ").replace("2)", "9)")
TWO_MISTAKES = (
    "import gc\n\n\ndef double(x, scale=2.0):\n"
    "    if scale == 3.7:\n        return x * 2.5\n"
    "    if x.requires_grad:\n        y = x * scale\n        return x * 9 + (y - x * 9).detach()\n"
    "    return x * scale\n"
)


def test_the_schema_that_ships_is_what_the_types_give() -> None:
    assert SCHEMA_FILE.read_text() == json.dumps(json_schema(), indent=2) + "\n", (
        "write it anew: json.dumps(json_schema(), indent=2) and an end of line"
    )


@given(REPORTS)
def test_every_report_is_as_the_schema_says(report: Report) -> None:
    validator().validate(json.loads(report.to_json()))


@pytest.mark.parametrize(
    "changes", [{"schema": 2}, {"schema": None}, {"verdict": "splendid"}, {"flags": None}, {"cases": [{}]}]
)
def test_the_schema_refuses_what_is_no_report(changes: dict[str, Any]) -> None:
    validator().validate(json.loads(written()))
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(json.loads(written(**changes)))


def test_real_reports_are_as_the_schema_says(tmp_path: Path) -> None:
    folder = write_package(tmp_path, cases=CASES + SPACE)
    for name, text in (("ignores_a_large_scale", ONLY_LARGE), ("bends_the_graph", BENDS_THE_GRAPH)):
        (folder / "submissions" / "wrong_answer" / f"{name}.py").write_text(text)
    problem = find_bank(tmp_path).load("double")
    with ForkServer(Framework.TORCH) as server:
        right, wrong, several, none = (
            judge(problem, from_source(source), server=server, seed=3, seconds_to_diagnose=20)
            for source in (SOLUTION, SAMPLES["wrong_answer/ignores_scale.py"], TWO_MISTAKES, "def double(:\n")
        )
        (folder / "cases.py").write_text("raise ValueError\n")
        broken = judge(problem, from_source(SOLUTION), server=server)
    assert (right.verdict, none.verdict) == (Verdict.ACCEPTED, Verdict.COMPILE_ERROR)
    assert broken.verdict is Verdict.JUDGE_ERROR
    assert wrong.diagnosis
    assert wrong.counterexample
    assert any(case.picture for case in wrong.cases)
    assert several.explanations
    assert several.flags
    for report in (right, wrong, several, none, broken):
        validator().validate(json.loads(report.to_json()))
        assert Report.from_json(report.to_json()) == report


def validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))


# --- verdicts ---


def test_the_gravest_verdict_decides() -> None:
    assert gravest([Verdict.ACCEPTED, Verdict.RUN_TIME_ERROR, Verdict.WRONG_ANSWER]) is Verdict.RUN_TIME_ERROR
    assert gravest([Verdict.RULE_VIOLATION, Verdict.TIME_LIMIT_EXCEEDED]) is Verdict.RULE_VIOLATION
    assert gravest(Verdict) is Verdict.JUDGE_ERROR
    assert gravest([Verdict.ACCEPTED] * 3) is Verdict.ACCEPTED


def test_a_suite_that_ran_no_case_is_a_judge_error() -> None:
    assert gravest([]) is Verdict.JUDGE_ERROR


@pytest.mark.parametrize("verdict", Verdict)
def test_only_an_accepted_report_and_case_pass(verdict: Verdict) -> None:
    assert a_report(verdict=verdict).passed == (verdict is Verdict.ACCEPTED)
    assert CaseResult("a", "a", verdict).passed == (verdict is Verdict.ACCEPTED)


def test_the_folders_of_samples_are_named_like_the_verdicts() -> None:
    assert [verdict.folder for verdict in Verdict][:4] == [
        "accepted",
        "wrong_answer",
        "run_time_error",
        "time_limit_exceeded",
    ]
    assert all(verdict.folder.isidentifier() for verdict in Verdict)


def test_what_passed_is_counted_and_what_failed_is_listed_in_order() -> None:
    verdicts = [Verdict.WRONG_ANSWER, Verdict.ACCEPTED, Verdict.RUN_TIME_ERROR, Verdict.WRONG_ANSWER]
    cases = [CaseResult(str(place), "", verdict) for place, verdict in enumerate(verdicts)]
    report = a_report(cases=tuple(cases))
    assert (report.n_passed, report.failed) == (1, (cases[0], cases[2], cases[3]))
    assert (a_report(cases=()).n_passed, a_report(cases=()).failed) == (0, ())
