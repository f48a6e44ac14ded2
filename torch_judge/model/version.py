"""Which release this is, and where its files lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

__version__ = "2.0.0"

REQUIREMENT: Final = "torch-judge>=2.0"
"""What to install; older releases of this name on the index are another project's, with the same package."""

PACKAGE: Final = Path(__file__).resolve().parents[1]
"""The folder of the whole package: what the sandbox hides, whatever room asks for it."""
