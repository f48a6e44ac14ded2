"""Ends the process with status 0 while it is imported.

Expected: run-time error
"""

import os

os._exit(0)
