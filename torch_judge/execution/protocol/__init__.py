"""What travels between the processes."""
