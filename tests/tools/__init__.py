"""Programs for a developer at hand: pictures, a soak, a fuzzer."""
