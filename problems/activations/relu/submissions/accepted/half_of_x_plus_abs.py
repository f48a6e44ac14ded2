"""What is below 0 cancels against its own magnitude."""


def relu(x):
    return (x + x.abs()) / 2
