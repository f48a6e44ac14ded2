"""What holds the jury; nobody above `execution` imports it."""
