// The editor of the page: CodeMirror 6 with Python, as `window.TorchJudgeEditor`.
// It lives in a shadow root: there CodeMirror adopts its style sheets, which a Content-Security-Policy of
// `default-src 'self'` lets through; a style element in the document it would not.

import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { python, pythonLanguage } from "@codemirror/lang-python";
import {
  bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  crosshairCursor, drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, keymap, lineNumbers, rectangularSelection,
} from "@codemirror/view";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";

// Colours are properties of the page (`--code-…` in style.css), so that one set serves both themes.
const KINDS = [
  ["keyword", [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword,
    tags.moduleKeyword, tags.self]],
  ["string", [tags.string, tags.special(tags.string), tags.regexp, tags.escape]],
  ["number", [tags.number, tags.bool, tags.null]],
  ["comment", [tags.comment, tags.lineComment, tags.docString]],
  ["definition", [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className),
    tags.definition(tags.function(tags.variableName))]],
  ["call", [tags.function(tags.variableName), tags.function(tags.propertyName)]],
  ["decorator", [tags.meta]],
];

const inEditor = HighlightStyle.define(
  KINDS.map(([kind, tag]) => ({
    tag,
    color: `var(--code-${kind})`,
    ...(kind === "comment" ? { fontStyle: "italic" } : {}),
    ...(kind === "definition" ? { fontWeight: "600" } : {}),
  })),
);
const onPage = tagHighlighter(KINDS.map(([kind, tag]) => ({ tag, class: `code-${kind}` })));

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "14px", color: "var(--text)", backgroundColor: "var(--code-ground)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", padding: "10px 0" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--code-ground)", color: "var(--quiet)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selection)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-bracket)", outline: "none" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--code-unmatched)" },
  ".cm-selectionMatch": { backgroundColor: "var(--code-match)" },
  ".cm-foldPlaceholder": { background: "none", border: "1px solid var(--line)", color: "var(--quiet)" },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--raised)", color: "var(--text)", borderColor: "var(--line)",
  },
  ".cm-panel.cm-search": { fontFamily: "var(--sans)", padding: "6px 30px 6px 8px" },
  ".cm-textfield, .cm-button": {
    background: "var(--ground)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "4px",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--text)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)", color: "var(--on-accent)",
  },
});

// Tab indents; Escape and then Tab, or Tab after Ctrl-M (Shift-Alt-M on a Mac), goes on to the next button.
const indentation = [
  { key: "Tab", run: acceptCompletion },
  { key: "Tab", run: indentMore, shift: indentLess },
];

// Typing over a selection, Chromium keeps the looks of what was there in a style attribute of its own making,
// which the policy of the page refuses with an error: so this never reaches the browser.
const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    const { data } = event;
    if (event.inputType !== "insertText" || data === null || main.empty || view.composing) return false;
    const insert = () => view.state.update(
      view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true },
    );
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handler) => handler(view, main.from, main.to, data, insert))) view.dispatch(insert());
    return true;
  },
});

// Escape may close a list of names or give up a selection; in each case the next Tab leaves the editor.
const leaving = EditorView.domEventObservers({
  keydown(event, view) {
    if (event.key === "Escape") view.setTabFocusMode(2000);
  },
});

/** Make an editor inside an element; the keys of `onRun` and `onSubmit` do nothing else in it. */
function create(element, options = {}) {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = new Compartment();
  const themeOf = () => EditorView.darkTheme.of(dark.matches);
  const hook = (key, act) => (act ? [{ key, preventDefault: true, run: () => { act(); return true; } }] : []);
  const hooks = [
    ...hook("Ctrl-Enter", options.onSubmit),
    ...hook("Mod-Enter", options.onSubmit),
    ...hook("Shift-Enter", options.onRun),
    ...hook("Ctrl-'", options.onRun),
    ...hook("Mod-'", options.onRun),
  ];
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text ?? "",
      extensions: [
        Prec.highest(keymap.of(hooks)),
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        foldGutter(),
        drawSelection(),
        dropCursor(),
        EditorState.allowMultipleSelections.of(true),
        indentOnInput(),
        indentUnit.of("    "),
        EditorState.tabSize.of(4),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        rectangularSelection(),
        crosshairCursor(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        keymap.of([
          ...closeBracketsKeymap, ...completionKeymap, ...indentation, ...searchKeymap, ...historyKeymap,
          ...foldKeymap, ...defaultKeymap,
        ]),
        python(),
        syntaxHighlighting(inEditor),
        typingOver,
        leaving,
        look,
        theme.of(themeOf()),
        EditorView.contentAttributes.of({
          "aria-label": options.label ?? "Code",
          "aria-description": "Tab indents; Escape and then Tab leaves the editor.",
          tabindex: "0", spellcheck: "false", autocapitalize: "off",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && options.onChange) options.onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  const follow = () => view.dispatch({ effects: theme.reconfigure(themeOf()) });
  dark.addEventListener("change", follow);
  return {
    getText: () => view.state.doc.toString(),
    /** Replace the whole text; it can be undone. */
    setText(text) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 },
      });
    },
    focus: () => view.focus(),
    destroy() {
      dark.removeEventListener("change", follow);
      view.destroy();
    },
  };
}

/** Colour the Python that an element shows; its text stays as it is. */
function highlight(element) {
  const code = element.textContent;
  const parts = document.createDocumentFragment();
  let end = 0;
  highlightTree(pythonLanguage.parser.parse(code), onPage, (from, to, classes) => {
    parts.append(code.slice(end, from));
    const span = document.createElement("span");
    span.className = classes;
    span.textContent = code.slice(from, to);
    parts.append(span);
    end = to;
  });
  parts.append(code.slice(end));
  element.replaceChildren(parts);
}

window.TorchJudgeEditor = { create, highlight };
