"""The commands of `torch-judge`."""
