"""Cuts a Markdown cell into what a translator gets, and puts it together again.

The units are a heading, a paragraph, a list's item and a table's row, each on one
line: where the author broke the lines means nothing. Code and formulas that stand
by themselves are nobody's to translate.
"""

import re
from dataclasses import dataclass

FENCE = re.compile(r"\s*(```|~~~)")
HEADING = re.compile(r"(#{1,6}\s+)(.*\S)\s*")
# A box, "[x]", marks the choices of a question.
ITEM = re.compile(r"(\s*(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?)(.*\S)\s*")
NUMBERED = re.compile(r"\s*\d")
RULE_OR_FRAME = re.compile(r"[\s|:*_-]+")
CODE = re.compile(r" {4,}|\t")
HARD_BREAK = re.compile(r"( {2,}|\\)$")


@dataclass(frozen=True)
class Piece:
    """One piece of a Markdown text.

    Attributes
    ----------
    before : str
        What stands in front of the text and stays: ``"## "``, ``"- "``, an indent.
    text : str
        What is translated, on one line; empty where there is nothing to translate.
    kind : str
        ``"heading"``, ``"paragraph"``, ``"item"``, ``"row"``; ``""`` for the rest.
    """

    before: str
    text: str = ""
    kind: str = ""


def pieces(source):
    """Cut a Markdown text into pieces.

    Parameters
    ----------
    source : str

    Returns
    -------
    list of Piece
        ``before + text`` of each, joined by line ends, is the text again, but for
        where the lines of a paragraph break.
    """
    found, lines, at = [], source.splitlines(), 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if FENCE.match(line):
            end = _end_of_fence(lines, at)
        elif line.strip().startswith("$$"):
            end = _end_of_formula(lines, at)
        elif not line.strip() or RULE_OR_FRAME.fullmatch(line):
            pass
        elif CODE.match(line) and not any(map(ITEM.fullmatch, lines[:at])):
            pass  # code by its indent, and no list that it could go on with
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
        found += [Piece(one) for one in lines[at:end]]
        at = end
    return found


def join(parts):
    """Put pieces together again.

    Parameters
    ----------
    parts : list of Piece

    Returns
    -------
    str
    """
    return "\n".join(part.before + part.text for part in parts)


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
        # Only a bullet may interrupt a paragraph: "1969. A year" goes on with it.
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
