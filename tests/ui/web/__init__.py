"""Tests of the page in the browser and of its server."""
