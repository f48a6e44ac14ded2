"""The pictures of the README, made anew from real runs: `python -m tests.tools.screenshots [FOLDER]`.

With `--scenes`, pictures to look at instead: of each scene the terminal at 80 x 24, and the card twice.
"""

from __future__ import annotations

import base64
import io
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from tests.support.jupyter import ROOT, chromium
from tests.support.packages import find_sample
from torch_judge.execution.forkserver.client import ForkServer
from torch_judge.judging.judge import judge
from torch_judge.model.bank import find_bank
from torch_judge.model.problem import Problem
from torch_judge.model.report import Report
from torch_judge.model.submission import from_source
from torch_judge.ui.card import as_card
from torch_judge.ui.terminal import Screenful

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

IMAGES = ROOT / ".images"
WRONG = "constant_features_skipped"
SEED = 7
VIEW: Any = {"width": 900, "height": 600}
THEMES = {"light": ("#ffffff", "#212121"), "dark": ("#111111", "#dedede")}
SCALE = 2
WIDTH, HEIGHT = 80, 24
PROMPT, COMMAND = "$ ", "torch-judge run batchnorm batchnorm.py"
SECONDS_TO_DIAGNOSE = 20.0
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
    return text.split('"""', 2)[2].strip()


def photograph(browser: Browser, seen: Locator | Page, into: Path) -> None:
    """Write a picture of an element or a window with so few colours that it is small."""
    picture = base64.b64encode(seen.screenshot()).decode()
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


def photograph_card(browser: Browser, report: Report, into: Path, theme: str) -> None:
    """Write a picture of a report's card as it stands on a light page or on a dark one."""
    ground, text = THEMES[theme]
    page = browser.new_page(viewport=VIEW, device_scale_factor=SCALE)
    style = f"background:{ground};color:{text};margin:12px"
    page.set_content(f'<!doctype html><body style="{style}">{as_card(report)}</body>')
    photograph(browser, page.locator(".torch-judge"), into)
    page.close()


HEAD = """import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
"""
TWO = """    if training:
        mean, var = x.mean(0), x.var(0, unbiased=False)
        with torch.no_grad():
            running_mean.mul_(momentum).add_((1 - momentum) * mean)
            running_var.mul_(momentum).add_((1 - momentum) * var)
    else:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / (torch.sqrt(var) + eps) + beta
"""
NAME_ERROR = """    mean, var = x.mean(0), x.var(0, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(var + epsilon) + beta
"""
FORBIDDEN = """    batch_norm = torch.nn.functional.batch_norm
    return batch_norm(x, running_mean, running_var, gamma, beta, training, momentum, eps)
"""
ENDLESS = """    while True:
        x = x - x.mean(0)
"""


def list_scenes(problem: Problem) -> dict[str, str]:
    """List what is looked at: answers by the name of their pictures."""
    bodies = {"two": TWO, "name-error": NAME_ERROR, "forbidden": FORBIDDEN, "endless": ENDLESS}
    return {
        "one": source_of(problem),
        **{name: HEAD + body for name, body in bodies.items()},
        "accepted": problem.read_solution(),
    }


def judge_scenes(problem: Problem, scenes: dict[str, str]) -> dict[str, Report]:
    """Judge each scene by a warm server, with all the time that a diagnosis may need on a busy machine."""
    with ForkServer(problem.framework) as server:
        judge(problem, from_source(problem.read_solution(), name="warm"), server=server, seed=SEED)
        return {
            name: judge(
                problem,
                from_source(source, name="batchnorm.py"),
                server=server,
                seed=SEED,
                seconds_to_diagnose=SECONDS_TO_DIAGNOSE,
            )
            for name, source in scenes.items()
        }


def draw_terminal(report: Report, into: Path) -> None:
    """Write a terminal of 80 x 24 after `torch-judge run`, as SVG that takes no font from elsewhere."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, force_terminal=True, highlight=False, file=io.StringIO()
    )
    screenful = Screenful(report, more="-v shows every case")
    lines = console.render_lines(screenful, pad=False)
    above = [PROMPT + COMMAND] if len(lines) + 2 <= HEIGHT else []
    console.print(*above, screenful, PROMPT, sep="\n")
    svg = console.export_svg(title=COMMAND, theme=COLOURS, unique_id="terminal")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    into.write_text(re.sub(r"[ \t]+\n", "\n", svg).replace("Fira Code,", ""), encoding="utf-8")


def photograph_scenes(browser: Browser, problem: Problem, into: Path) -> None:
    """Write of each scene the terminal and the card on a light and on a dark page."""
    for name, report in judge_scenes(problem, list_scenes(problem)).items():
        draw_terminal(report, into / f"terminal-{name}.svg")
        svg = (into / f"terminal-{name}.svg").read_text(encoding="utf-8")
        page = browser.new_page(viewport=VIEW)
        page.set_content(f"<!doctype html><body>{svg}</body>")
        page.screenshot(path=into / f"terminal-{name}.png", full_page=True)
        page.close()
        for theme in THEMES:
            photograph_card(browser, report, into / f"card-{name}-{theme}.png", theme)


def main() -> None:
    """Make the pictures."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--scenes"]
    into = Path(arguments[0]) if arguments else IMAGES
    into.mkdir(parents=True, exist_ok=True)
    problem = find_bank(ROOT / "problems").load("batchnorm")
    with chromium() as browser:
        if "--scenes" in sys.argv:
            photograph_scenes(browser, problem, into)
            return
        scenes = list_scenes(problem)
        reports = judge_scenes(problem, {name: scenes[name] for name in ("one", "accepted")})
        draw_terminal(reports["one"], into / "terminal.svg")
        for theme in THEMES:
            photograph_card(browser, reports["one"], into / f"card-{theme}.png", theme)
        photograph_card(browser, reports["accepted"], into / "card-accepted.png", "light")


if __name__ == "__main__":
    main()
