"""The pictures of the README, made anew from real runs: `python -m tests.tools.screenshots [FOLDER]`."""

from __future__ import annotations

import base64
import io
import re
import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from tests.support.jupyter import ROOT, Notebook, chromium, lab
from tests.support.packages import find_sample
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.submission import from_source
from torch_judge.ui.notebook.templates import template_name, template_text
from torch_judge.ui.text import as_rich

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

IMAGES = ROOT / ".images"
WRONG = "constant_features_skipped"
SEED = 7
STARTER, SUBMIT = 1, 3
VIEW = {"width": 1240, "height": 2000}
SCALE = 2
MOST_COLOURS = 256
COLOURS = TerminalTheme(
    (22, 24, 29),
    (215, 218, 224),
    [
        (22, 24, 29),
        (240, 113, 104),
        (126, 196, 122),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (215, 218, 224),
    ],
)
PIXELS = """async source => {
    const image = new Image(); image.src = source; await image.decode();
    const canvas = document.createElement("canvas"); canvas.width = image.width; canvas.height = image.height;
    const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, image.width, image.height).data;
    let text = "";
    for (let n = 0; n < data.length; n += 32768) text += String.fromCharCode(...data.subarray(n, n + 32768));
    return [image.width, image.height, btoa(text)];
}"""


def source_of(problem: Problem) -> str:
    """Read the wrong submission as it would be in a cell: without the docstring that says what is wrong."""
    text = find_sample(problem, f"wrong_answer/{WRONG}").read_text()
    return text.rpartition('"""')[2].strip()


def photograph(browser: Browser, card: Locator, into: Path) -> None:
    """Write a picture of an element with so few colours that it is small."""
    picture = base64.b64encode(card.screenshot()).decode()
    blank = browser.new_page()
    width, height, raw = blank.evaluate(PIXELS, f"data:image/png;base64,{picture}")
    blank.close()
    pixels = np.frombuffer(base64.b64decode(raw), np.uint8).reshape(height * width, 4)[:, :3]
    into.write_bytes(png(pixels, width, height))


def png(pixels: np.ndarray[Any, Any], width: int, height: int) -> bytes:
    """Return an image with the commonest colours; every other colour becomes the nearest of them."""
    shades, where, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = shades[np.argsort(-counts, kind="stable")[:MOST_COLOURS]]
    distance = ((shades[:, None].astype(int) - palette[None].astype(int)) ** 2).sum(axis=2)
    rows = distance.argmin(axis=1).astype(np.uint8)[where.reshape(-1)].reshape(height, width)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack("!IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))


def photograph_cards(browser: Browser, problem: Problem, into: Path, *, dark: bool) -> None:
    """Judge a wrong answer and then the jury solution in JupyterLab; the second in the light theme only."""
    name = template_name(problem)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(template_text(problem), encoding="utf-8")
        with lab(Path(folder), dark=dark) as address:
            notebook = Notebook(browser.new_page(viewport=VIEW, device_scale_factor=SCALE), address, name)
            notebook.write(SUBMIT, f'from torch_judge import check\n\ncheck("{problem.slug}", seed={SEED})')
            notebook.write(STARTER, source_of(problem))
            notebook.run_all()
            notebook.card(SUBMIT, says="Your code behaves exactly like")
            notebook.run_all()  # a second time: the first check of a session waits for the server
            notebook.page.wait_for_timeout(3000)
            card = notebook.card(SUBMIT, says="Your code behaves exactly like")
            photograph(browser, card, into / f"card-{'dark' if dark else 'light'}.png")
            if not dark:
                notebook.write(STARTER, problem.read_solution())
                notebook.run_all()
                photograph(browser, notebook.card(SUBMIT, says="✓ accepted"), into / "card-accepted.png")


def draw_terminal(problem: Problem, into: Path) -> None:
    """Judge a wrong answer as `torch-judge run` does, and write the terminal as SVG.

    It takes no font from elsewhere.
    """
    with ForkServer(problem.framework) as server:
        reports = [
            judge(problem, from_source(source_of(problem), name="batchnorm.py"), server=server, seed=SEED)
            for _ in range(2)
        ]
    console = Console(record=True, width=108, force_terminal=True, highlight=False, file=io.StringIO())
    console.print(as_rich(reports[-1]))
    svg = console.export_svg(
        title="torch-judge run batchnorm batchnorm.py", theme=COLOURS, unique_id="terminal"
    )
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    into.write_text(re.sub(r"[ \t]+\n", "\n", svg).replace("Fira Code,", ""), encoding="utf-8")


def main() -> None:
    """Make the pictures."""
    into = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    into.mkdir(parents=True, exist_ok=True)
    problem = find_bank(ROOT / "problems").load("batchnorm")
    draw_terminal(problem, into / "terminal.svg")
    with chromium() as browser:
        for dark in (False, True):
            photograph_cards(browser, problem, into, dark=dark)


if __name__ == "__main__":
    main()
