"""Two mistakes in one text: the nearest with one another, and in a hand that both have."""

from __future__ import annotations

from pathlib import Path

from torch_judge.judging.composing import list_pairs
from torch_judge.judging.signatures import Gotcha, Signature
from torch_judge.model.edits import Edit
from torch_judge.model.report import Verdict
from torch_judge.model.sample import JURY_SOLUTION, Change, Sample

SOLUTION = '"""Right."""\n\n\ndef f(x):\n    y = x * 2\n    y = y + 1\n    return y\n'


def make_gotcha(folder: Path, name: str, *edits: tuple[str, str], base: str = JURY_SOLUTION) -> Gotcha:
    (folder / "solution.py").write_text(SOLUTION)
    change = Change(name, f"It is {name}.", base, tuple(Edit(*edit) for edit in edits), 1)
    sample = Sample(folder / "submissions" / "mistakes.toml", Verdict.WRONG_ANSWER, change)
    return Gotcha(sample, Signature(fails=frozenset({f"case of {name}"}), passes=frozenset({"another"})))


def test_a_pair_has_both_edits_and_what_is_known_of_both(tmp_path: Path) -> None:
    doubles, adds = make_gotcha(tmp_path, "p", ("x * 2", "x * 3")), make_gotcha(tmp_path, "q", ("y + 1", "y"))
    (pair,) = list_pairs(["p", "q"], [], {"p": [doubles], "q": [adds]}, 10)
    assert "y = x * 3\n    y = y\n" in pair.text
    assert (pair.name, pair.mistakes, bool(pair.code)) == ("p + q", ("p", "q"), True)
    assert pair.known == ({"case of p"}, {"case of q"})
    assert pair.may_fail("case of p")
    assert not pair.may_fail("another")


def test_edits_that_touch_each_other_and_other_bases_make_none(tmp_path: Path) -> None:
    one, other = (
        make_gotcha(tmp_path, "p", ("x * 2", "x")),
        make_gotcha(tmp_path, "q", ("y = x * 2", "y = 0")),
    )
    assert not list(list_pairs(["p", "q"], [], {"p": [one], "q": [other]}, 10))
    elsewhere = make_gotcha(tmp_path, "r", ("y + 1", "y"), base="another_hand")
    assert not list(list_pairs(["p", "r"], [], {"p": [one], "r": [elsewhere]}, 10))
    here = make_gotcha(tmp_path, "r", ("y + 1", "y"))
    assert len(list(list_pairs(["p", "r"], [], {"p": [one], "r": [elsewhere, here]}, 10))) == 1


def test_the_leaders_come_first_then_the_first_with_each_of_the_others(tmp_path: Path) -> None:
    hands = {
        "p": [make_gotcha(tmp_path, "p", ("x * 2", "x"))],
        "q": [make_gotcha(tmp_path, "q", ("y + 1", "y"))],
        "r": [make_gotcha(tmp_path, "r", ("return y", "return -y"))],
    }
    names = [pair.name for pair in list_pairs(["p", "q"], ["q", "r"], hands, 10)]
    assert names == ["p + q", "p + r"]
    assert [pair.name for pair in list_pairs(["p", "q"], ["r"], hands, 1)] == ["p + q"]
    assert not list(list_pairs([], ["r"], hands, 10))
