"""Show and ask: `notebook.check.check` in a notebook, `cli.app.main` in a terminal, `watch` at saves."""
