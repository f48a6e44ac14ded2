"""Calls sys.exit(0) while it is imported.

Expected: run-time error, compile error
"""

import sys

sys.exit(0)
