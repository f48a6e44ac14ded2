"""Markdown of a bank as HTML: tables, code, emphasis; no HTML of its own, no picture, no link that acts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup


class _Renderer(RendererHTML):
    """Puts tables into boxes that scroll, and names the language of code that is indented."""

    def table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Open a table in a box that can be scrolled with keys."""
        return f'<div class="table" tabindex="0">{self.renderToken(tokens, index, options, env)}'

    def table_close(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Close a table and its box."""
        return f"{self.renderToken(tokens, index, options, env)}</div>"

    def th_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Open a heading of a table; alignment is a class, since no style may stand inside a page.

        An empty one, as in a corner, heads nothing and is a cell.
        """
        if not tokens[index + 1].content:
            tokens[index].tag = tokens[index + 2].tag = "td"
        return self._open_cell(tokens, index, options, env)

    def td_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Open a cell of a table."""
        return self._open_cell(tokens, index, options, env)

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Write code with a language into a box that can be scrolled with keys."""
        return super().fence(tokens, index, options, env).replace("<pre>", '<pre tabindex="0">', 1)

    def code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Write code that is indented into a box that can be scrolled with keys."""
        return super().code_block(tokens, index, options, env).replace("<pre>", '<pre tabindex="0">', 1)

    def _open_cell(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[index]
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrs["class"] = style.partition(":")[2]
        if token.tag == "th":
            token.attrs["scope"] = "col"
        return self.renderToken(tokens, index, options, env)


@cache
def _find_parser() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "linkify": False, "typographer": False}
    parser = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    return parser.enable("table").disable(["image", "html_block", "html_inline"])


def render_markdown(text: str, *, below: int = 0, skip_title: bool = False) -> Markup:
    """Render a text of the bank; its headings go so many levels down, its title may be left out."""
    tokens = _find_parser().parse(text)
    if skip_title and tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + below, 6)}"
    parser = _find_parser()
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - the parser has escaped it
