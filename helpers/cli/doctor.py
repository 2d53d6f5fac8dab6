"""Check whether the lessons can run on this computer: ``python -m helpers doctor``.

It changes nothing. The single diagnoses are in `helpers.cli.diagnostics`.
"""

import contextlib
import sys

from helpers.cli.diagnostics import CHECKS, FIX, NOTE, OK, Finding
from helpers.cli.terminal import show_table
from helpers.i18n import gettext, gettext_noop

SIGNS = {
    OK: gettext_noop("✓ ok"),
    NOTE: gettext_noop("→ note"),
    FIX: gettext_noop("✗ fix"),
}


def run():
    """Diagnose this computer, and print the findings and how to fix them.

    Returns
    -------
    int
        The exit code: 0 if the lessons can run, else 1.
    """
    findings = run_checks()
    rows = [(gettext(SIGNS[f.state]), f.what, f.found) for f in findings]
    show_table(rows, ["", gettext("what"), gettext("found")])
    # Below the table, which would break a command into lines that cannot be pasted.
    for fix in dict.fromkeys(f.fix for f in findings if f.fix):
        fixed = ", ".join(f.what for f in findings if f.fix == fix)
        print(gettext("To fix {fixed}:\n    {fix}", fixed=fixed, fix=fix))
    failed = ", ".join(finding.what for finding in findings if finding.state == FIX)
    if failed:
        print(gettext("Not ready: {failed}; see above.", failed=failed))
        return 1
    print(gettext("All checks passed: the lessons can run."))
    return 0


def run_checks(checks=CHECKS):
    """Run every diagnosis; an exception becomes a finding, too.

    Parameters
    ----------
    checks : list of (str, callable)
        A name, and a function without arguments that returns a `Finding`.

    Returns
    -------
    list of Finding
    """
    findings = []
    with _status() as show:
        for what, check in checks:
            show(gettext("Looking at {what} …", what=gettext(what)))
            try:
                finding = check()
            except Exception as error:
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                finding = Finding(
                    NOTE, gettext("could not be examined ({reason})", reason=reason)
                )
            findings.append(finding.about(gettext(what)))
    return findings


@contextlib.contextmanager
def _status():
    """Show the current diagnosis on a terminal, as importing Keras takes long."""
    try:
        if not sys.stdout.isatty():
            raise ImportError
        from rich.console import Console
    except ImportError:
        yield lambda text: None
        return
    with Console().status("") as status:
        yield status.update
