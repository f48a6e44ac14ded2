"""What tests share: packages, attempts, kernels, a browser, and where the checkout lies."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
