"""Make a deck of slides from each lesson: ``make slides``.

A cell of `solutions/NN_name.py` becomes a slide if it is tagged `slide`:

* Markdown: its first heading; below it the first sentence, those with a term in bold,
  formulas and tables; and of each item of a list, the first sentence;
* code: the title of its figure, its picture or table, and the first sentence below it,
  or none with the tag `sentence-0`;
* a `question`: its choices; the right one is in the notes.

The tag `sentence-2-5` chooses the second and the fifth sentence instead.

The first slide is the lesson's title, and the last one is "What to remember". The notes
are the lesson's text and its `instructor` cells. Nothing is executed. A deck is one
file, with a copy of reveal.js (MIT) from the package sphinx-revealjs in it, and loads
nothing from the network.
"""

import re
from dataclasses import dataclass, field
from dataclasses import replace as changed
from importlib.resources import files

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from authoring.check_texts import calls, read_question
from authoring.derive import in_folder, is_stale, twin
from authoring.instructor import note_text
from authoring.lesson_format import (
    SENTENCE,
    SLIDE,
    has_region,
    source_line,
    tags,
    title_of,
)
from authoring.pages import MathRenderer
from authoring.project import AuthoringError
from authoring.site.lesson import figure_title, readable
from authoring.site.texts import site_texts
from authoring.translation.markdown_units import join, pieces
from helpers.files import write_text

FEWEST, MOST = 12, 18
REVEAL = ("dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
# "Exercise 1.3 — its title (4 minutes)", in any language.
TASK = re.compile(r"\w+ \d+\.\d+ — .+\)")
# "*Reading the figure:* the curve is a valley."
LABEL = re.compile(r"\*[^*]+:\*\s+(\w)")
# Not after an initial ("S. Rendle") or "et al. (2023)".
SENTENCE_END = re.compile(
    r"(?:(?<=[.?!])|(?<=[.?!][)\"”»])|(?<=[.?!]\*\*))(?<! [A-Z]\.)\s+"
    r"(?=[^a-z(\d]|\([A-Z¿¡])"
)
FEWEST_WORDS = 8
TEXTS = {"paragraph", "item"}


@dataclass
class Slide:
    """One slide; its texts are Markdown.

    Attributes
    ----------
    title, text : str
    html : str
        A picture, a table or printed lines.
    tasks : list of str
        The headings of the exercises that follow.
    notes : list of str
    """

    title: str
    text: str
    html: str = ""
    tasks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def write_decks(project, numbers, out):
    """Write the decks of lessons, in each language.

    Parameters
    ----------
    project : authoring.project.Project
    numbers : list of str
        Only these lessons; if it is empty, all that have tagged cells.
    out : pathlib.Path

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    AuthoringError
        If a tagged cell cannot be a slide, if a deck has too few or too many slides, or
        if a lesson was not executed since its code changed.
    """
    written = []
    for path in project.sources(numbers):
        for language in ("en", *project.languages):
            notebook = twin(project, path, language)
            if not numbers and not any(SLIDE in tags(cell) for cell in notebook.cells):
                continue
            if is_stale(notebook):
                raise AuthoringError(
                    f"The {language} outputs of {project.show(path)} are older than "
                    f'its code. Run `make notebooks LESSONS="{path.stem[:2]}"` first.'
                )
            try:
                slides = slides_of(notebook, site_texts(language))
            except SlideError as error:
                place = f"{project.show(path)}:{source_line(path, error.cell)}"
                raise AuthoringError(f"{place}: {error}") from None
            if not FEWEST <= len(slides) <= MOST:
                raise AuthoringError(
                    f"{project.show(path)} has {len(slides)} slides, with the first "
                    f"and the last; a deck has {FEWEST} to {MOST}. Tag more or fewer "
                    f"cells `{SLIDE}`."
                )
            file = in_folder(out, language) / f"{path.stem}.html"
            write_text(file, deck(slides, language))
            written.append(file)
    return written


class SlideError(AuthoringError):
    """A tagged cell that cannot be a slide.

    Parameters
    ----------
    cell : int
        Its index.
    problem : str
    """

    def __init__(self, cell, problem):
        super().__init__(problem)
        self.cell = cell


def slides_of(notebook, words):
    """Return the slides of an executed lesson.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The lesson with its outputs, in any language.
    words : dict of str to str
        The result of `authoring.site.texts.site_texts`.

    Returns
    -------
    list of Slide

    Raises
    ------
    SlideError
    """
    cells = notebook.cells
    public = [i for i in range(len(cells)) if _is_public(cells[i])]
    *_, (last, remember), _ = [
        (index, section)
        for index in public
        for section in _sections(cells[index].source)
        if section[0]
    ]
    first = next(i for i in public if title_of_cell(cells[i]) == title_of(notebook))
    tagged = [i for i, cell in enumerate(cells) if SLIDE in tags(cell)]
    slides = [
        _from_text(_sections(cells[first].source)[0], "", cells[first].source, False),
        *(_slide(notebook, index, words) for index in tagged),
        _from_text(remember, "", join(remember[1])),
    ]
    starts = [first, *tagged, last]
    for slide, start, end in zip(slides, starts, starts[1:], strict=False):
        slide.tasks = [
            text
            for i in public
            if start <= i < end
            for text, _ in _sections(cells[i].source)
            if TASK.fullmatch(text) and text != slide.title
        ]
        slide.notes[:0] = _notes(cells[start:end])
    slides[0].notes[:0] = _notes(cells[last:])
    return slides


def deck(slides, language):
    """Render slides as a page that loads nothing from anywhere.

    Parameters
    ----------
    slides : list of Slide
    language : str

    Returns
    -------
    str : HTML
    """
    folder = files("sphinx_revealjs") / "_static" / "revealjs"
    css, *scripts = (Markup((folder / name).read_text("utf-8")) for name in REVEAL)
    environment = Environment(
        loader=PackageLoader("authoring"),
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markdown": _html, "line": _line_html}
    template = environment.get_template("slides.html.j2")
    return template.render(slides=slides, language=language, css=css, scripts=scripts)


def title_of_cell(cell):
    """Return the first heading of a Markdown cell, or ''."""
    return next((title for title, _ in _sections(cell.source) if title), "")


def first_sentence(text):
    """Return the first sentence of a text without a label, or more if it is short."""
    first, *others = SENTENCE_END.split(_without_label(text))
    while others and len(first.split()) < FEWEST_WORDS:
        first = f"{first} {others.pop(0)}"
    return first


def _without_label(text):
    return LABEL.sub(lambda label: label[1].upper(), text, count=1)


def _slide(notebook, index, words):
    cell = notebook.cells[index]
    title = _section_title(notebook.cells[:index])
    if "question" in tags(cell):
        return _from_question(notebook.cells[index:], words)
    if not _is_public(cell) and cell.cell_type == "markdown":
        problem = "A cell for instructors only, or of hints, cannot be a slide."
        raise SlideError(index, f"{problem} Remove its tag `{SLIDE}`.")
    if cell.cell_type == "markdown":
        sections = _sections(cell.source)
        section = next((one for one in sections if one[0]), sections[0])
        if numbers := _sentence_numbers(cell):
            heading, parts = section
            chosen = join(_chosen(_without_notes(parts), numbers, index))
            return Slide(heading or title, chosen, notes=[cell.source])
        return _from_text(section, title, cell.source)
    if has_region(cell) or "solution" in tags(cell):
        problem = "An exercise's solution cannot be a slide."
        raise SlideError(index, f"{problem} Remove its tag `{SLIDE}`.")
    if "…" not in (found := figure_title(cell.source)):  # no values in the title
        title = found or title
    html = _output(cell, words["figure"].format(title=title))
    if not html:
        problem = "A cell without a picture, table or printed text cannot be a slide."
        raise SlideError(index, f"{problem} Tag a Markdown cell.")
    numbers = _sentence_numbers(cell)
    if numbers == [0]:
        above = next(c for c in reversed(notebook.cells[:index]) if _is_public(c))
        return Slide(title, "", html, notes=[above.source])
    below = next(c for c in notebook.cells[index + 1 :] if _is_public(c))
    heading, parts = _sections(below.source)[0]
    if heading:
        problem = "There is no sentence below this cell that says what it shows."
        advice = f"Write one, tag the cell `sentence-0`, or remove its tag `{SLIDE}`."
        raise SlideError(index, f"{problem} {advice}")
    notes = [join(parts)]
    if not numbers:
        text = next(part.text for part in parts if part.kind == "paragraph")
        return Slide(title, first_sentence(text), html, notes=notes)
    texts = [part for part in _without_notes(parts) if part.kind in TEXTS]
    chosen = _chosen(texts, numbers, index)
    return Slide(title, " ".join(part.text for part in chosen), html, notes=notes)


def _sentence_numbers(cell):
    """Return which sentences are on a cell's slide, if a tag says so."""
    match = next(filter(None, map(SENTENCE.fullmatch, tags(cell))), None)
    return [int(number) for number in match[1].split("-")[1:]] if match else []


def _chosen(parts, numbers, index):
    """Keep some sentences of the texts in parts, counted from 1, and all else."""
    shown, count = [], 0
    for part in parts:
        if part.kind not in TEXTS:
            shown.append(part)
            continue
        sentences = SENTENCE_END.split(_without_label(part.text))
        kept = [s for n, s in enumerate(sentences, start=count + 1) if n in numbers]
        count += len(sentences)
        if kept:
            shown.append(changed(part, text=" ".join(kept)))
    if (last := max(numbers)) > count:
        problem = f"There are only {count} sentences, and a tag asks for number {last}."
        raise SlideError(index, f"{problem} Change the tag.")
    return shown


def _without_notes(parts):
    """Leave out the boxes such as `> **Note.** …`."""
    return [part for part in parts if not part.before.startswith(">")]


def _from_text(section, title, notes, with_terms=True):
    """Make a slide of a section: its heading and its pieces."""
    heading, parts = section
    shown, is_first = [], True
    for part in _without_notes(parts):
        if part.kind == "item":
            part = changed(part, text=first_sentence(part.text))
        elif part.kind == "paragraph":
            first, *others = SENTENCE_END.split(part.text)
            terms = [one for one in others if with_terms and "**" in one]
            if is_first:
                terms.insert(0, first if terms else first_sentence(part.text))
            elif with_terms and "**" in first:
                terms.insert(0, first)
            part, is_first = changed(part, text=" ".join(terms)), False
        shown.append(part)
    return Slide(heading or title, join(shown), notes=[notes])


def _from_question(cells, words):
    number = calls(cells, "quiz")[0][0]
    question = read_question(cells[0])
    choices = [f"1. {choice}" for choice, _ in question["choices"]]
    replies = [
        f"1. {choice} **{words['right' if place == question['right'] else 'wrong']}** "
        f"{reply}"
        for place, (choice, reply) in enumerate(question["choices"])
    ]
    return Slide(
        words["question"].format(number=number),
        "\n".join([question["text"], "", *choices]),
        notes=["\n".join(replies)],
    )


def _output(cell, alt):
    """Return a cell's picture, or its table, or else its printed text, as HTML."""
    data = [output.get("data", {}) for output in cell.outputs]
    for kind in ("image/png", "image/jpeg"):
        for one in data:
            if kind in one:
                source = f"data:{kind};base64,{one[kind].replace(chr(10), '')}"
                return Markup('<img src="{}" alt="{}">').format(source, alt)
    for one in data:
        if "<table" in one.get("text/html", ""):
            return Markup(readable(one["text/html"]))
    text = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    return Markup("<pre>{}</pre>").format(text.strip("\n")) if text.strip() else ""


def _sections(source):
    """Split Markdown at its headings: (heading or '', pieces); none is empty."""
    found = [("", [])]
    for piece in pieces(source):
        if piece.kind == "heading":
            found.append((piece.text, []))
        else:
            found[-1][1].append(piece)
    return [one for one in found if one[0] or any(part.kind for part in one[1])]


def _section_title(cells):
    """Return the last heading in cells that is not an exercise's."""
    found = [
        title
        for cell in cells
        if _is_public(cell)
        for title, _ in _sections(cell.source)
        if title and not TASK.fullmatch(title)
    ]
    return found[-1]


def _is_public(cell):
    """Tell whether students read a cell's Markdown."""
    secret = {"badge", "instructor", "hints", "question", "solution"}
    return cell.cell_type == "markdown" and not tags(cell) & secret


def _notes(cells):
    return [note_text(cell) for cell in cells if "instructor" in tags(cell)]


def _html(text):
    renderer = MathRenderer(escape=False, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(text))


def _line_html(text):
    return Markup(_html(text).strip().removeprefix("<p>").removesuffix("</p>"))
