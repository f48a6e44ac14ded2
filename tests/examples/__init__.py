"""What is shown of other people's frameworks, run wherever these are installed."""
