"""Split a Markdown cell into units for translators, and join them again.

A unit is a heading, a paragraph, a list item or a table row, each on one line without
the author's line breaks. Blocks of code and formulas are not translated.
"""

import re
from dataclasses import dataclass

FENCE = re.compile(r"\s*(```|~~~)")
HEADING = re.compile(r"(#{1,6}\s+)(.*\S)\s*")
# A box, "[x]", marks the choices of a question.
ITEM = re.compile(r"(\s*(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?)(.*\S)\s*")
NUMBERED = re.compile(r"\s*\d")
RULE_OR_FRAME = re.compile(r"[\s|:*_-]+")
HARD_BREAK = re.compile(r"( {2,}|\\)$")


@dataclass(frozen=True)
class Piece:
    """One piece of a Markdown text.

    Attributes
    ----------
    before : str
        The markup before the text: ``"## "``, ``"- "``, or an indent.
    text : str
        The text to translate, on one line; may be empty.
    kind : str
        ``"heading"``, ``"paragraph"``, ``"item"`` or ``"row"``; otherwise ``""``.
    """

    before: str
    text: str = ""
    kind: str = ""


def pieces(source):
    """Split a Markdown text into pieces.

    Parameters
    ----------
    source : str

    Returns
    -------
    list of Piece
        `join` gives the text again, except for line breaks in paragraphs.
    """
    found, lines, at = [], source.splitlines(), 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if FENCE.match(line):
            end = _end_of_fence(lines, at)
        elif line.strip().startswith("$$"):
            end = _end_of_formula(lines, at)
        elif not line.strip() or RULE_OR_FRAME.fullmatch(line) or _is_code(lines, at):
            pass
        elif match := HEADING.fullmatch(line):
            found.append(Piece(match[1], match[2], "heading"))
            at = end
            continue
        elif line.lstrip().startswith("|"):
            found.append(Piece("", line.strip(), "row"))
            at = end
            continue
        else:
            match = ITEM.fullmatch(line)
            before = match[1] if match else re.match(r"\s*(> ?)?", line)[0]
            end = _end_of_text(lines, at, in_item=bool(match))
            text = _on_one_line(lines[at][len(before) :], lines[at + 1 : end])
            found.append(Piece(before, text, "item" if match else "paragraph"))
            at = end
            continue
        found += map(Piece, lines[at:end])
        at = end
    return found


def join(parts):
    """Join pieces to a Markdown text.

    Parameters
    ----------
    parts : list of Piece

    Returns
    -------
    str
    """
    return "\n".join(part.before + part.text for part in parts)


def _is_code(lines, at):
    """Tell whether a line is indented code, and not a list item's second paragraph."""
    indent = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        if item := ITEM.fullmatch(line):
            # In an item, code is indented by four more than the item's text.
            return indent >= len(item[1]) + 4
        if line.strip() and not line[0].isspace():
            break
    return indent >= 4 or lines[at].startswith("\t")


def _end_of_fence(lines, at):
    for end in range(at + 1, len(lines)):
        if FENCE.match(lines[end]):
            return end + 1
    return len(lines)


def _end_of_formula(lines, at):
    text = ""
    for end in range(at, len(lines)):
        text += lines[end]
        if text.count("$$") % 2 == 0:
            return end + 1
    return len(lines)


def _end_of_text(lines, at, in_item):
    for end in range(at + 1, len(lines)):
        line = lines[end]
        item = ITEM.fullmatch(line)
        # Only a bullet may interrupt a paragraph: "1969. A year" is part of it.
        interrupts = item and (in_item or not NUMBERED.match(line))
        if (
            not line.strip()
            or interrupts
            or FENCE.match(line)
            or HEADING.fullmatch(line)
            or line.lstrip().startswith(("|", "$$"))
        ):
            return end
    return len(lines)


def _on_one_line(first, others):
    text = first.rstrip("\n")
    for line in others:
        line = re.sub(r"^\s*(> ?)?", "", line)
        text = f"{text}\n{line}" if HARD_BREAK.search(text) else f"{text} {line}"
    return text.rstrip()
