"""What a notebook shows: the text of a cell's outputs, and HTML as GitHub leaves it."""

from bs4 import BeautifulSoup

# A busy machine is slow to hand over what a cell has shown; nbclient waits 4 seconds.
OUTPUT_SECONDS = 60


def text_of(cell):
    """Return what a cell shows as text."""
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


# What GitHub keeps of the attributes that the course's HTML has. Neither `style`
# nor `class` is among them.
KEPT_ATTRIBUTES = {"colspan", "rowspan", "scope", "href", "src", "alt"}
BLOCKS = ["caption", "div", "p", "pre", "table", "tr"]


def sanitized(html):
    """Return HTML without the elements and attributes that GitHub removes."""
    page = BeautifulSoup(html, "html.parser")
    for element in page.find_all(["script", "style", "link", "input", "button"]):
        element.decompose()
    for element in page.find_all(True):
        kept = {k: v for k, v in element.attrs.items() if k in KEPT_ATTRIBUTES}
        element.attrs = kept
    return str(page)


def lines_of(html):
    """Return the lines that a reader of HTML sees, without indentation."""
    page = BeautifulSoup(html, "html.parser")
    for text in page.find_all(string=True):
        if text.find_parent("pre") is None:  # elsewhere, a line break is a space
            text.replace_with(text.replace("\n", " "))
    for block in page.find_all(BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    for cell in page.find_all(["td", "th"]):
        cell.insert_after(" ")
    lines = (" ".join(line.split()) for line in page.get_text().splitlines())
    return [line for line in lines if line]
