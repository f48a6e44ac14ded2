"""What runs beside a submission; nobody above `execution` imports it."""
