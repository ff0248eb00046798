"""`python -m watchfloor`: the command line."""

from watchfloor.cli import main

if __name__ == "__main__":
    main()
