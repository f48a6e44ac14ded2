"""The page in a headless Chromium."""
