"""The looks of a card: colours, and the inline styles that its parts share."""

from __future__ import annotations

from typing import Final

from torch_judge.model.report import Verdict

GREEN, RED, AMBER, VIOLET, GREY = "#1a7f37", "#b42318", "#8a5a00", "#6941c6", "#57606a"
# Translucent, so that they do on a light page and on a dark one.
FAINT_RED, FAINT_GREEN, FAINT_GREY = "rgba(224,62,47,0.18)", "rgba(46,160,67,0.22)", "rgba(128,128,128,0.16)"
LINE: Final = "1px solid rgba(128,128,128,0.32)"
MONO: Final = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:12.5px"
QUIET: Final = "opacity:0.72"
CARD: Final = (
    f"border:{LINE};border-radius:10px;padding:16px 20px 14px 20px;margin:6px 0 10px 0;max-width:820px;"
    "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;overflow-wrap:break-word"
)
ROW: Final = "display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px"
PILL: Final = (
    "color:#ffffff;border-radius:999px;padding:2px 12px;font-size:13px;font-weight:600;white-space:nowrap;"
    "background:"
)
HEADING: Final = "font-size:13px;font-weight:600;margin:18px 0 6px 0"
BOX: Final = (
    f"{MONO};background:{FAINT_GREY};border-radius:6px;padding:6px 10px;margin:6px 0 0 0;"
    "white-space:pre-wrap;line-height:1.5"
)
TABLE: Final = "border-collapse:collapse;border:none;margin:0;table-layout:auto"
CELL: Final = (
    "text-align:left;vertical-align:top;border:none;background:transparent;padding:3px 18px 3px 0;"
    "white-space:pre;max-width:none;"
)
WRAPPED: Final = "white-space:pre-wrap;overflow-wrap:anywhere;max-width:560px"
_COLOURS: Final = {
    Verdict.ACCEPTED: GREEN,
    Verdict.TIME_LIMIT_EXCEEDED: AMBER,
    Verdict.MEMORY_LIMIT_EXCEEDED: AMBER,
    Verdict.JUDGE_ERROR: VIOLET,
}


def colour_of(verdict: Verdict) -> str:
    """Choose the colour of a verdict; that of all that the learner can mend is red."""
    return _COLOURS.get(verdict, RED)
