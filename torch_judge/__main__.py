"""`python -m torch_judge` is the command `torch-judge`."""

from .cli import main

if __name__ == "__main__":
    main()
