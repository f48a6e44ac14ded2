"""The code in what a model wrote, whatever it wrote around it."""

from __future__ import annotations

import pytest

from torch_judge.grading.extraction import How, complete, defines, drop_thoughts, extract

CODE = "def double(x, scale=2.0):\n    return x * scale\n"
USE = "print(double(3))\n"
DRAFT = "```python\ndef double(x):\n    return 0\n```\n"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (CODE, How.WHOLE),
        (f"Sure!\n```python\n{CODE}```\nHope that helps.", How.FENCED),
        (f"```py\n{CODE}```\nUse it so:\n```python\n{USE}```\n", How.FENCED),
        (f"```\n{CODE}```", How.FENCED),
        (f"~~~python\n{CODE}~~~\n", How.FENCED),
        (f"````python\n{CODE}````\n", How.FENCED),
        (f"```python\n{CODE}", How.UNCLOSED),
        (
            f"<think>\n{DRAFT}</think>\n```python\n{CODE}```",
            How.FENCED,
        ),
        (
            f"a draft\n{DRAFT}</think>\n```python\n{CODE}```",
            How.FENCED,
        ),
        (f"```python\ndef double(x):\n    return x\n```\nBetter:\n```python\n{CODE}```\n", How.FENCED),
        (f"```python\n{CODE}```\n```bash\npip install torch\n```\n", How.FENCED),
        (f"```python\r\n{CODE}```\r\n".replace("\n", "\r\n").replace("\r\r", "\r"), How.FENCED),
        (f"   ```Python title=answer.py\n{CODE}   ```\n", How.FENCED),
    ],
)
def test_the_last_block_that_defines_the_entry_point_is_the_answer(text: str, how: How) -> None:
    found = extract(text, "double")
    assert (found.code.rstrip("\n") + "\n", found.how) == (CODE, how)


def test_without_a_definition_the_last_block_of_python_is_the_answer() -> None:
    found = extract(f"```python\nfirst = 1\n```\n```python\n{USE}```\n```text\n6\n```\n", "double")
    assert (found.code, found.how) == (USE, How.FENCED)


def test_code_with_fences_in_its_docstring_is_whole() -> None:
    example = "    ```python\n    double(2)\n    ```\n"
    text = f'def double(x):\n    """Double.\n\n{example}    """\n    return 2 * x\n'
    assert extract(text, "double").code == text
    assert extract("", "double").code == ""


def test_a_thought_that_never_ends_has_no_answer() -> None:
    assert extract(f"<think>\n```python\n{CODE}```\nhm", "double").code == ""


MANY = 150_000
"""Of a megabyte: who looked to the end of the text for each of them would never come to an end."""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<think>" * MANY, ""),
        ("<think><reasoning>" * MANY + "</think>\n" + CODE, "\n" + CODE),
        ("<think>hm</think>" * MANY + CODE, CODE),
        (CODE + "<thinking>" * MANY + "</THINKING>", CODE),
        ("``` " + " " * MANY + "`\n" + CODE, "``` " + " " * MANY + "`\n" + CODE),
    ],
    ids=["never ended", "two kinds", "ended", "in capitals", "no fence"],
)
def test_a_megabyte_of_thoughts_is_left_out_in_one_go(text: str, code: str) -> None:
    assert extract(text, "double").code == code


def test_a_thought_ends_with_its_own_word() -> None:
    assert drop_thoughts("a<think>b</reasoning>c<think>d</Think>e<reasoning>f</reasoning>g") == "aeg"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def double(x): ...", True),
        ("class double:", True),
        ("double = lambda x: 2 * x", True),
        ("double: Callable = f", True),
        ("def double_it(x): ...", False),
        ("    def double(x): ...", False),
        ("double == 3", False),
        ("print(double(3))", False),
    ],
)
def test_what_defines_a_name(code: str, expected: bool) -> None:  # noqa: FBT001 - it is the table's
    assert defines(code, "double") is expected


def test_a_body_goes_on_where_the_starter_ends() -> None:
    starter = 'def double(x, scale=2.0):\n    """Multiply."""\n    raise NotImplementedError\n'
    found = complete(starter, "    return x * scale\n", "double")
    assert found.how is How.BODY
    space: dict[str, object] = {}
    exec(found.code, space)
    assert space["double"](3) == 6.0  # type: ignore[operator]
    assert complete(starter, CODE, "double").how is How.WHOLE
    assert complete(starter, "no code at all", "double").how is How.WHOLE
