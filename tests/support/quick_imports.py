"""Leave out what takes seconds to import and is of no use to the tests.

`make quick` names this module in `PYTEST_ADDOPTS`, so that it comes before nbval.
"""

import sys

# jsonschema imports it where it is installed, to check addresses in a format that no
# notebook's schema asks for.
sys.modules["rfc3987_syntax"] = None
