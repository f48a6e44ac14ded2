"""The pages of a class in a headless Chromium."""
