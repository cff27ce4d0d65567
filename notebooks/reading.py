"""The reading mode: one page a lesson with the text alone, for print, a phone or a screen reader.

Answer cells, checks and the cells that start a notebook are left out; of a demonstration the command stays, so that the text
around it can be followed. A page needs nothing from elsewhere and runs no script.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from notebooks.cells import Notebook
from notebooks.source_format import Cell, Lesson

_SILENT = ("%load_ext", "%predict", "%lab_progress", "%lab_check")

_STYLE = """
:root { color-scheme: light dark; --text: #1b1b1b; --back: #ffffff; --quiet: #f2f2f2; --line: #8a8a8a; --link: #0b4f9e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececec; --back: #161616; --quiet: #262626; --line: #8f8f8f; --link: #9cc7ff; }
}
body { margin: 0; color: var(--text); background: var(--back); font: 1.0625rem/1.6 system-ui, sans-serif; }
main, nav { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
nav { padding-top: 1rem; padding-bottom: 1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 0; padding: 0; list-style: none; }
a { color: var(--link); text-decoration: underline; }
a:focus-visible, pre:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: break-word; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; background: var(--quiet); }
code { padding: 0.1em 0.25em; overflow-wrap: anywhere; }
pre { padding: 0.75rem; overflow-x: auto; border: 1px solid var(--line); }
pre code { padding: 0; overflow-wrap: normal; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
@media print { nav, .skip { display: none; } }
"""


def pages(read: Sequence[Lesson]) -> dict[str, str]:
    """Make the pages by file name, ``index.html`` among them; the same for the same lessons."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_anchor_links=True, exclude_input_prompt=True, embed_images=True
    )
    made = {f"{lesson.name}.html": _page(lesson, read, _body(exporter, lesson)) for lesson in read}
    return {"index.html": _index(read), **made}


def _body(exporter: Any, lesson: Lesson) -> str:
    import nbformat

    body, _ = exporter.from_notebook_node(nbformat.from_dict(_reading_notebook(lesson)))
    # What scrolls sideways must be reachable by keyboard.
    return str(body).replace("<pre>", '<pre tabindex="0">')


def _reading_notebook(lesson: Lesson) -> Notebook:
    cells = [{"cell_type": "markdown", "id": c.id, "metadata": {}, "source": s} for c, s in _content(lesson.cells)]
    return {"cells": cells, "metadata": {"title": lesson.title}, "nbformat": 4, "nbformat_minor": 5}


def _content(cells: Iterable[Cell]) -> Iterable[tuple[Cell, str]]:
    for cell in cells:
        if cell.kind == "text":
            yield cell, cell.source
        elif cell.kind == "given":
            yield cell, f"`{cell.path}` is given in the notebook."
        elif cell.kind == "run" and not cell.source.startswith(_SILENT):
            yield cell, f"In the notebook this is run here:\n\n```text\n{cell.source}\n```"


def _page(lesson: Lesson, read: Sequence[Lesson], body: str) -> str:
    position = read.index(lesson)
    links = [("index.html", "All lessons")]
    if position > 0:
        links.append((f"{read[position - 1].name}.html", f"Before: {read[position - 1].title}"))
    if position + 1 < len(read):
        links.append((f"{read[position + 1].name}.html", f"Next: {read[position + 1].title}"))
    return _document(lesson.title, links, body)


def _index(read: Sequence[Lesson]) -> str:
    items = "".join(f'<li><a href="{lesson.name}.html">{html.escape(lesson.title)}</a></li>' for lesson in read)
    return _document("Secrets management: the course", [], f"<h1>Secrets management: the course</h1>\n<ol>{items}</ol>")


def _document(title: str, links: Sequence[tuple[str, str]], body: str) -> str:
    items = "".join(f'<li><a href="{target}">{html.escape(name)}</a></li>' for target, name in links)
    navigation = f'<nav aria-label="Lessons"><ul>{items}</ul></nav>\n' if links else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{html.escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
{navigation}<main id="content">
{body.strip()}
</main>
</body>
</html>
"""
