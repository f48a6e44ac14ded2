"""The pages of `torch-judge serve`."""
