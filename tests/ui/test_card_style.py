"""The looks of a card: whoever reads it on a light page or a dark one can."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.ui.test_card import EXAMPLE, RIGHT, WRONG, hostile, read, report
from torch_judge.model.report import Verdict
from torch_judge.ui.card import as_card
from torch_judge.ui.card_style import GREEN, RED, colour_of


def test_what_is_accepted_is_green_what_is_wrong_red_and_what_is_ours_neither() -> None:
    assert colour_of(Verdict.ACCEPTED) == GREEN
    assert colour_of(Verdict.WRONG_ANSWER) == colour_of(Verdict.RUN_TIME_ERROR) == RED
    assert colour_of(Verdict.JUDGE_ERROR) not in {GREEN, RED}


def luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance of WCAG 2."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def hexadecimal(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))


def over(top: tuple[float, ...], share: float, page: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(top, page, strict=True))


def test_what_has_its_own_colour_has_its_own_background_and_enough_contrast() -> None:
    cards = [as_card(hostile()), as_card(report(*(replace(WRONG, verdict=verdict) for verdict in Verdict)))]
    for style in set().union(*(read(card).styles() for card in cards)):
        own = re.search(r"(?<![-\w])color:(#\w{6})", style)
        if own:
            ground = re.search(r"background:(#\w{6})", style)
            assert ground, style
            assert contrast(hexadecimal(own[1]), hexadecimal(ground[1])) >= 4.5, style


@pytest.mark.parametrize(
    ("text", "page"),
    [("#212121", "#ffffff"), ("#dedede", "#111111"), ("#cccccc", "#1e1e1e"), ("#e3e3e3", "#383838")],
)
def test_text_on_a_translucent_ground_has_enough_contrast_on_light_and_dark_pages(
    text: str, page: str
) -> None:
    grounds = set(
        re.findall(
            r"background:rgba\((\d+),(\d+),(\d+),([\d.]+)\)",
            as_card(replace(hostile(), cases=(WRONG, RIGHT), counterexample=EXAMPLE)),
        )
    )
    assert len(grounds) >= 4
    for *colour, share in grounds:
        ground = over(tuple(int(light) / 255 for light in colour), float(share), hexadecimal(page))
        assert contrast(hexadecimal(text), ground) >= 4.5
        quiet = over(hexadecimal(text), 0.72, hexadecimal(page))
        assert contrast(quiet, hexadecimal(page)) >= 4.5
