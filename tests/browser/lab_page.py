"""What a person does on a notebook's page in JupyterLab, and what they see there."""

import re
import time
import warnings

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tests.support.paths import ROOT

SCREENSHOTS = ROOT / "build" / "screenshots"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
NOTEBOOK = f"{PANEL} .jp-Notebook"

# What is cut, or wider than its area: an area may scroll a table or a long line, but
# pictures, cards and forms have to fit, and nothing may hide what does not.
NOT_WHOLE = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
    .flatMap(output => [output, ...output.querySelectorAll('*')].map(node => {
        const style = getComputedStyle(node);
        if (node.scrollWidth <= node.clientWidth + 1 || !node.clientWidth) return null;
        const scrolls = ['auto', 'scroll'].includes(style.overflowX);
        if (scrolls && node.querySelector('table, pre')) return null;
        if (!scrolls && style.overflowX === 'visible') return null;
        const cell = node.closest('.jp-Cell').dataset.windowedListIndex;
        return `cell ${cell}: ${node.className}, ${node.scrollWidth} pixels in ` +
            `${node.clientWidth}, overflow ${style.overflowX}`;
    }))
    .filter(Boolean)"""
KERNEL_IS_READY = """() => {
    const { sessionContext } = jupyterapp.shell.currentWidget;
    const kernel = sessionContext.isReady && sessionContext.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
OPEN = """async path => {
    const before = jupyterapp.shell.currentWidget;
    const opened = await jupyterapp.commands.execute('docmanager:open', { path });
    await opened.context.ready;
    before.context.model.dirty = false;
    before.close();
}"""

# A cell's place in the notebook, by a text in its source.
FIND = """text => {
    const cells = jupyterapp.shell.currentWidget.content.model.cells;
    for (let n = 0; n < cells.length; n++)
        if (cells.get(n).sharedModel.source.includes(text)) return n;
    return -1;
}"""
SHOW = """async n => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = n;
    await notebook.scrollToItem(n, 'start');
}"""
SOURCE = """n => jupyterapp.shell.currentWidget.content.model.cells.get(n)
    .sharedModel.source"""
THEME = """async theme => {
    await jupyterapp.commands.execute('apputils:change-theme', { theme });
    // Colours fade over, and one halfway is nobody's.
    for (const animation of document.getAnimations())
        if (animation instanceof CSSTransition) animation.finish();
}"""


class LabPage:
    """One notebook, open in JupyterLab.

    Attributes
    ----------
    page : playwright.sync_api.Page
    elsewhere : list of str
        What the page asked of another server than its own.
    """

    def __init__(self, page, lab):
        self.page, self.lab = page, lab
        self.elsewhere = []
        page.on("request", self._note)

    def _note(self, request):
        if not request.url.startswith((self.lab.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def open(self, notebook, only_to_read=False):
        """Open a notebook of the student's folder; wait for it and for its kernel.

        Parameters
        ----------
        notebook : str
            Its path in that folder.
        only_to_read : bool
            Do not wait for the kernel, and open it in the JupyterLab that is there, if
            one is: faster.

        Warns
        -----
        UserWarning
            With its log, if JupyterLab ended by itself meanwhile; it is started again.
        """
        try:
            self._open(notebook, only_to_read)
        except (AssertionError, Error):
            if not self.lab.has_ended():
                raise
            words = self.lab.last_words()
            warnings.warn(f"JupyterLab has ended by itself: {words}", stacklevel=2)
            self.lab.start()
            self._open(notebook, only_to_read)

    def _open(self, notebook, only_to_read):
        if only_to_read and self.page.url.startswith(self.lab.url):
            self.page.evaluate(OPEN, notebook)
        else:
            self.page.goto(self.lab.page(notebook))
        cells = self.page.locator(f"{NOTEBOOK} .jp-Cell")
        expect(cells.nth(1)).to_be_visible(timeout=60_000)
        if not only_to_read:
            self.page.wait_for_function(KERNEL_IS_READY, timeout=60_000)

    def end_kernel(self):
        """End the notebook's kernel, if it has one."""
        self.page.evaluate(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()"
        )

    def find(self, text):
        """Return the place of the first cell whose source holds a text."""
        place = self.page.evaluate(FIND, text)
        assert place >= 0, f"there is no cell with {text!r}"
        return place

    def show(self, place):
        """Scroll to a cell, make it the active one, and return it."""
        self.page.evaluate(SHOW, place)
        return self.cell(place)

    def cell(self, place):
        """Return a cell, as a locator."""
        return self.page.locator(
            f'{NOTEBOOK} .jp-Cell[data-windowed-list-index="{place}"]'
        )

    def source(self, place):
        """Return what is written in a cell."""
        return self.page.evaluate(SOURCE, place)

    def run(self, place, seconds=60):
        """Click into a cell, press Shift+Enter; return its outputs when it has run."""
        cell = self.show(place)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        return self.ran(place, seconds)

    def run_by_key(self, place):
        """Press Shift+Enter on the active cell; wait until it has run."""
        assert self.active() == place
        self.page.keyboard.press("Shift+Enter")
        if "jp-CodeCell" in self.cell(place).get_attribute("class"):
            self.ran(place)

    def active(self):
        """Return the place of the active cell."""
        return self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.activeCellIndex"
        )

    def arrow_down_to(self, place):
        """Press the down key until a cell is the active one."""
        while self.active() < place:
            self.page.keyboard.press("ArrowDown")

    def tab_to(self, element, at_most=10):
        """Press Tab until an element has the focus, and see that it shows.

        Parameters
        ----------
        element : Locator
        at_most : int
            How many times.
        """
        without_focus = element.screenshot()
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            if element.evaluate("node => node === document.activeElement"):
                break
        expect(element).to_be_focused()
        assert element.screenshot() != without_focus, "nothing shows where the focus is"

    def ran(self, place, seconds=60):
        """Wait until a cell has run; return its outputs."""
        cell = self.cell(place)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]:"), timeout=seconds * 1000
        )
        return cell.locator(".jp-OutputArea").first

    def write(self, place, code):
        """Replace what is in a cell, as if pasted."""
        self.show(place).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        assert self.source(place) == code

    def new_cell(self, place, code):
        """Insert a cell below another one, write into it, and return its place."""
        self.show(place).locator(".cm-content").click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        self.write(place + 1, code)
        return place + 1

    def wait_for_all_cells(self):
        """Wait until each cell is on the page; needs the windowing mode "none"."""
        n_cells = self.page.evaluate(
            "() => jupyterapp.shell.currentWidget.content.widgets.length"
        )
        expect(self.page.locator(f"{NOTEBOOK} .jp-Cell")).to_have_count(
            n_cells, timeout=60_000
        )

    def cut_outputs(self, seconds=15):
        """List what is cut, or too wide for its area, of the outputs on the page.

        Parameters
        ----------
        seconds : float
            What is cut gets these to fit itself in: a plot is drawn anew a while
            after its window's size has changed.

        Returns
        -------
        list of str
        """
        self._settle()
        waits = time.monotonic() + seconds
        while (cut := self.page.evaluate(NOT_WHOLE)) and time.monotonic() < waits:
            self.page.wait_for_timeout(200)
        return cut

    def _settle(self):
        """Wait until what follows a change of the window's size has been laid out."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame("
            "() => requestAnimationFrame(() => requestIdleCallback(done))))"
        )

    def foreign_requests(self):
        """List what was asked of other servers, but for the badges."""
        badges = ("colab-badge.svg", "mybinder.org/badge_logo.svg")
        return [url for url in self.elsewhere if not url.endswith(badges)]

    def use_theme(self, theme):
        """Switch to the light or the dark theme."""
        self.page.evaluate(THEME, THEMES[theme])
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-name", THEMES[theme]
        )

    def look(self, name, at=None):
        """In both themes: take a screenshot, and examine an output with axe.

        Parameters
        ----------
        name : str
            Of the screenshot: ``NAME_light.png`` and ``NAME_dark.png``.
        at : Locator, optional
            What is examined.
        """
        for theme in THEMES:
            self.use_theme(theme)
            if at is not None:
                at.scroll_into_view_if_needed()
            self.page.screenshot(path=SCREENSHOTS / f"{name}_{theme}.png")
            if at is not None:
                assert accessibility_faults(self.page, at) == []
                assert self.cut_outputs() == []


def accessibility_faults(page, at):
    """List what axe-core finds wrong with one place of a page.

    Parameters
    ----------
    page : Page
    at : Locator

    Returns
    -------
    list of str
    """
    at.evaluate("node => node.setAttribute('data-examined', '')")
    try:
        found = Axe().run(page, "[data-examined]").response
    finally:
        at.evaluate("node => node.removeAttribute('data-examined')")
    assert found["passes"] or found["violations"], "axe found nothing to examine"
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
