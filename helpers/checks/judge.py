"""The old name of `helpers.checks.runner`, for one release."""

from helpers.checks.runner import *  # noqa: F403
from helpers.checks.runner import CheckResult as Verdict  # noqa: F401
from helpers.checks.runner import run_check as judge  # noqa: F401
