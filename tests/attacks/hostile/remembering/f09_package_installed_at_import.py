"""Installs a package when it is imported, as notebooks do.

Expected: run-time error, wrong answer, compile error
"""

import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "pip", "install", "einops"])
