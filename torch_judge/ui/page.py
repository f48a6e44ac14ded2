"""A page that stands alone: opened from a disk, light or dark, without scripts and the network."""

from __future__ import annotations

from typing import Final

from .html import Part, html, part

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
:root { color-scheme: light dark; --line: rgba(128,128,128,.3); --faint: rgba(128,128,128,.14);
  --page: #ffffff; --ink: #1f2328; --link: #0550ae;
  --ok: #2da44e; --bad: #cf4a3c; --mid: #d4880f; --other: #8c959f; --judge: #8250df;
  --stop: #9a2f24; --rule: #bf3989; --torn: #57606a; }
@media (prefers-color-scheme: dark) {
  :root { --page: #16181d; --ink: #e2e4e8; --link: #79b8ff; --ok: #3fb950; --bad: #e5685b; --mid: #d29922;
    --other: #6e7681; --judge: #8957e5; --stop: #b8473b; --rule: #c4488f; --torn: #8b949e; } }
* { box-sizing: border-box; }
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 1040px; padding: 28px 24px 60px; overflow-wrap: break-word; }
h1 { font-size: 26px; letter-spacing: -.02em; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 18px; letter-spacing: -.01em; margin: 36px 0 8px; }
h3 { font-size: 14px; margin: 16px 0 6px; }
p { margin: 6px 0; } a { color: var(--link); }
.quiet { opacity: .72; } .small { font-size: 13px; }
.score { font-size: 20px; font-weight: 700; white-space: nowrap; }
.head { align-items: baseline; display: flex; flex-wrap: wrap; gap: 4px 20px;
  justify-content: space-between; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { border-bottom: 1px solid var(--line); padding: 6px 12px 6px 0; text-align: left;
  vertical-align: top; }
th { font-size: 12.5px; font-weight: 600; opacity: .8; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { overflow-x: auto; }
.mark { border-radius: 999px; color: #fff; display: inline-block; font-size: 12px; font-weight: 600;
  padding: 0 9px; white-space: nowrap; }
.tiles { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr));
  margin: 18px 0 0; }
.tile { border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; }
.tile b { display: block; font-size: 22px; letter-spacing: -.02em; line-height: 1.25; }
.columns { align-items: end; border-bottom: 1px solid var(--line); display: flex; gap: 4px; height: 150px;
  margin: 12px 0 0; }
.columns div { background: var(--ok); border-radius: 4px 4px 0 0; flex: 1; }
.labels { display: flex; gap: 4px; } .labels div { flex: 1; font-size: 12px; text-align: center; }
.counts { margin-top: 12px; }
.stack { border-radius: 6px; display: flex; gap: 2px; height: 20px; margin: 8px 0 6px; overflow: hidden; }
.legend { display: flex; flex-wrap: wrap; font-size: 13px; gap: 2px 16px; }
.dot { border-radius: 3px; display: inline-block; height: 10px; margin-right: 6px; width: 10px; }
.pair { display: grid; gap: 4px 32px; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); }
.row { align-items: center; display: grid; font-size: 13.5px; gap: 10px;
  grid-template-columns: minmax(0, 1fr) 34% 62px; margin: 3px 0; }
.track { background: var(--faint); border-radius: 4px; height: 12px; }
.track div { border-radius: 4px; height: 12px; min-width: 2px; }
.row .number { font-variant-numeric: tabular-nums; text-align: right; }
summary { cursor: pointer; font-size: 13px; margin: 6px 0; }
.none { border: 1px dashed var(--line); border-radius: 10px; margin: 8px 0; padding: 12px 16px; }
@media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } }
"""


def make_page(title: str, *content: Part | str) -> str:
    """Make a page of parts, and of HTML that was made of parts."""
    written = "\n".join(each if isinstance(each, str) else html(each) for each in content)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{html(part('title', '', title))}\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{written}\n</body>\n</html>\n"
    )


def draw_table(headings: list[tuple[str, str]], rows: list[list[Part]]) -> Part:
    """Draw a table; a heading comes with the class of its column."""
    head = part("tr", "", *(part("th", "", text, class_=kind, scope="col") for text, kind in headings))
    lines = (part("tr", "", *row) for row in rows)
    return part(
        "div", "", part("table", "", part("thead", "", head), part("tbody", "", *lines)), class_="wide"
    )
