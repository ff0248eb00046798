"""Exit codes of what was not done, for tests of its sentence alone; test_exit_codes.py has which."""

from watchfloor.cli.common import MISSING, REFUSED, USAGE

NOT_DONE = (USAGE, REFUSED, MISSING)
