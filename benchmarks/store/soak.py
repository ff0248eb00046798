"""Kill the writer many times: `python -m benchmarks.store.soak [KILLS]`, 200 unless told."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ["WATCHFLOOR_KILLS"] = sys.argv[1] if len(sys.argv) > 1 else "200"
    raise SystemExit(pytest.main(["-q", "--durations=1", "--timeout=3600", "tests/store/test_crash.py"]))
