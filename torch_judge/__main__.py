"""`python -m torch_judge` is the command `torch-judge`."""

from .ui.cli.app import main

if __name__ == "__main__":
    main()
