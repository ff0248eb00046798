"""Kernels compile at their first call, are kept by what they are made of, and call each other."""

import importlib
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from watchfloor.core import caches, compiling
from watchfloor.core.kernels import Kernel, unmanaged_kernel
from watchfloor.desks.finance.engine import graph
from watchfloor.desks.finance.engine.ahead import fetch

CALLEE = """
from watchfloor.core.kernels import kernel

STEP = {step}

@kernel
def scaled(x):
    '''{doc}'''
    # {comment}
    return x * {factor} + STEP

@kernel(inline="always")
def laid_out(x):
    return x + {inlined}
"""
CALLER = """
from typing import NamedTuple
import numpy as np
import {callee}
from {callee} import laid_out, scaled
from watchfloor.core.kernels import kernel

class Pair(NamedTuple):
    a: int
    b: int

@kernel
def total(values):
    found = 0
    for i in range(len(values)):
        found += scaled(values[i]) + {callee}.scaled(values[i]) + laid_out(values[i])
    return found

@kernel(error_model="numpy")
def ratio(a, b):
    return a / b

@kernel
def first(pair):
    return pair.a
"""
WRITTEN = {"step": 1, "doc": "Scale.", "comment": "so", "factor": 2, "inlined": 5}
EXPECTED = sum(2 * (x * 2 + 1) + x + 5 for x in range(7))


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(caches, "folder", lambda: tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("kernel_caller", "kernel_callee"):
        sys.modules.pop(name, None)


def written(folder, **changed):
    """The module of callers, imported as another process would after its callees were written so."""
    (folder / "kernel_callee.py").write_text(CALLEE.format(**WRITTEN | changed), "utf-8")
    (folder / "kernel_caller.py").write_text(CALLER.format(callee="kernel_callee"), "utf-8")
    for name in ("kernel_caller", "kernel_callee"):
        sys.modules.pop(name, None)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode  # files of one second look alike
    importlib.invalidate_caches()
    try:
        return importlib.import_module("kernel_caller")
    finally:
        sys.dont_write_bytecode = before


def hits(kernel):
    return sum(kernel.dispatcher.stats.cache_hits.values())


def test_what_is_compiled_is_what_is_written(kept):
    module = written(kept)
    values = np.arange(7)
    assert module.total(values) == EXPECTED
    assert module.total.py_func(values) == module.total(values)
    assert [len(module.total.signatures), hits(module.total)] == [1, 0]
    assert np.isinf(module.ratio(1.0, 0.0))


@pytest.mark.parametrize("changed", [{}, {"doc": "Scale a number."}, {"comment": "thus\n    # and so"}])
def test_what_is_unchanged_is_not_compiled_again(kept, changed):
    before = written(kept).total(np.arange(7))
    module = written(kept, **changed)
    assert (module.total(np.arange(7)), hits(module.total)) == (before, 1)


@pytest.mark.parametrize(("changed", "more"), [({"step": 2}, 14), ({"factor": 3}, 42), ({"inlined": 6}, 7)])
def test_a_changed_callee_or_constant_compiles_its_callers_again(kept, changed, more):
    before = written(kept).total(np.arange(7))
    module = written(kept, **changed)
    assert (module.total(np.arange(7)), hits(module.total)) == (before + more, 0)


def test_fields_in_another_order_are_another_type(kept):
    module = written(kept)
    assert module.first(module.Pair(a=1, b=2)) == 1
    source = kept / "kernel_caller.py"
    turned = source.read_text("utf-8").replace("    a: int\n    b: int\n", "    b: int\n    a: int\n")
    names = dict(vars(module))
    exec(compile(turned[turned.index("class Pair") : turned.index("@kernel")], "turned", "exec"), names)
    again = Kernel(module.first.py_func, module.first.targetoptions)
    assert again(names["Pair"](a=1, b=2)) == 1


def test_a_global_that_has_no_digest_is_refused(kept):
    module = written(kept)
    module.scaled = object()
    with pytest.raises(TypeError, match="object"):
        compiling.digest(module.total)


def test_a_damaged_file_is_compiled_again(kept):
    before = written(kept).total(np.arange(7))
    for path in kept.rglob("*.nbc"):
        path.write_bytes(path.read_bytes()[:-100])
    assert written(kept).total(np.arange(7)) == before
    module = written(kept)
    assert (module.total(np.arange(7)), hits(module.total)) == (before, 1)


def test_what_nobody_uses_is_removed(kept):
    written(kept).total(np.arange(7))
    long_ago = [path for path in kept.rglob("*.nbc") if "total" in str(path)]
    for path in long_ago:
        os.utime(path, (0, 0))
    written(kept, step=2).total(np.arange(7))
    assert long_ago
    assert not any(path.exists() for path in long_ago)


def test_without_room_to_keep_it_a_kernel_works_and_a_line_says_so(kept, capsys, monkeypatch):
    monkeypatch.setattr(compiling._progress, "warned", False)
    (kept / "kernels").write_text("in the way", "utf-8")
    module = written(kept)
    assert module.total(np.arange(7)) == EXPECTED
    assert module.first(module.Pair(3, 4)) == 3
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert caches.VARIABLE in told[0]


def test_a_person_who_waits_is_told_once(kept, capsys, monkeypatch):
    progress = compiling._progress
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "told", False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    module = written(kept)
    module.total(np.arange(7))
    module.first(module.Pair(3, 4))
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert progress.timer is None


@pytest.mark.skipif(
    hasattr(os, "nice") and os.nice(0) > 0, reason="a process of low priority lets nobody wait for it"
)
def test_of_processes_at_once_one_compiles_and_the_others_load(tmp_path):
    (tmp_path / "kernel_callee.py").write_text(CALLEE.format(**WRITTEN), "utf-8")
    (tmp_path / "kernel_caller.py").write_text(CALLER.format(callee="kernel_callee"), "utf-8")
    code = dedent("""
        import numpy as np
        import kernel_caller as module
        print(module.total(np.arange(7)), len(module.total.dispatcher.stats.cache_hits))
    """)
    env = os.environ | {caches.VARIABLE: str(tmp_path / "kept"), "PYTHONPATH": str(tmp_path)}
    for known in (0, 1):
        call = [sys.executable, "-c", code]
        running = [subprocess.Popen(call, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        told = [process.communicate(timeout=200)[0].split() for process in running]
        assert [total for total, _ in told] == [str(EXPECTED)] * 2
        assert sorted(found for _, found in told) == (["1", "1"] if known else ["0", "1"])
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.lock"))


def test_a_folder_in_which_nothing_is_found_or_removed_ends_no_call(kept, monkeypatch):
    def refused(path, **_):
        raise PermissionError(13, "refused", str(path))

    module = written(kept)
    monkeypatch.setattr(Path, "unlink", refused)
    monkeypatch.setattr(Path, "exists", refused)
    assert module.first(module.Pair(3, 4)) == 3


def test_a_mark_that_another_process_removes_makes_no_warning(kept, capsys, monkeypatch):
    module = written(kept)
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda path: [*listed(path), path / "gone.lock"])
    assert module.first(module.Pair(3, 4)) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(compiling.fcntl is None, reason="no locks here")
def test_whoever_waits_goes_on_once_the_code_is_there(tmp_path, monkeypatch):
    """A child that was forked meanwhile has the lock for as long as it lives."""
    there, mark = tmp_path / "code.nbc", tmp_path / "code.lock"
    monkeypatch.setattr(compiling, "TURN", 5.0)
    monkeypatch.setattr(compiling.time, "sleep", lambda _: there.touch())
    with mark.open("w") as held, mark.open("w") as turn:
        compiling.fcntl.flock(held, compiling.fcntl.LOCK_EX)
        began = time.monotonic()
        compiling._wait(turn.fileno(), there)
    assert time.monotonic() - began < 5


def test_a_kernel_is_pickled_by_name():
    from tests.core import calling

    assert pickle.loads(pickle.dumps(calling.inner)) is calling.inner


def test_importing_kernels_imports_no_compiler():
    code = f"import sys, {graph.__name__}; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=100).returncode == 0


def test_a_kernel_loads_no_linear_algebra():
    loaded = "sys.exit('scipy.linalg' in sys.modules)"
    code = f"import sys; from tests.core.calling import inner; inner(1, 2); {loaded}"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=100).returncode == 0


SMALL = """
import sys
import numpy as np
from tests.core.calling import small
for size in {sizes}:
    assert small(np.arange(size)) == size * (size - 1) // 2
print('numba' in sys.modules)
"""


@pytest.mark.parametrize(
    ("sizes", "loaded"), [([3, 10], "False"), ([11], "True"), ([3] * 501, "True"), ([11, 3], "True")]
)
def test_a_few_small_calls_load_no_compiler(sizes, loaded):
    code = SMALL.format(sizes=sizes)
    call = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(call, check=True, timeout=100, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (loaded, "")


def test_whole_numbers_wrap_where_a_call_is_interpreted():
    from tests.core import calling

    assert calling.product.interpret(np.uint64(1 << 63), np.uint64(3)) == 1 << 63


def test_a_kernel_may_hold_instructions_of_its_own(kept):
    assert asks_ahead(np.arange(8.0).reshape(4, 2)) == 3


@unmanaged_kernel
def asks_ahead(rows):
    fetch(rows, 1, 2)
    return rows[1, 1]


def test_a_literal_and_a_number_are_one_function(kept):
    from tests.core import calling

    assert calling.outer(3) == 3 + 0 + 7
    assert [str(one) for one in calling.inner.signatures] == ["(int64, int64)"]


def test_flags_of_compilation_are_compared_by_what_they_are():
    from numba.core.compiler import Flags

    plain, same, said, other = Flags(), Flags(), Flags(), Flags()
    said.nrt = False  # as it is anyway
    other.nrt = True
    assert plain == same == said
    assert other != plain
    assert not plain == "nrt"  # noqa: SIM201 - the other comparison is under test
    assert len({plain, same, said, other, other.copy()}) == 2


# --- what only kernels call has no native code


CALLS = """
import numpy as np
from watchfloor.core.kernels import kernel

@kernel
def checked(x):
    if x < 0:
        raise ValueError("too small", x)
    made = np.zeros(x + 1)
    made[x] = x
    return made

@kernel
def total(n):
    return checked(n).sum()

@kernel
def twice(n):
    return checked(n).sum() * 2

@kernel
def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)

@kernel
def deeper(n):
    return depth(n) + depth(1)
"""
ASKS = """
import sys
sys.path.insert(0, {folder!r})
import kernel_calls as k
from watchfloor.core import compiling

def kinds(one):
    return [made.library._native for made in one.overloads.values()]

assert {called}
hits = {{name: sum(getattr(k, name).dispatcher.stats.cache_hits.values()) for name in {hits!r}}}
assert set(hits.values()) == {{{hit}}}, hits
try:
    k.total(-3)
except ValueError as error:
    assert error.args == ("too small", -3), error.args
else:
    raise AssertionError("nothing was raised")
print(kinds(k.total.dispatcher), kinds(k.checked.inner))
"""


def asked(folder, called, *hits, hit=0):
    """What a new process prints of which functions have native code, after it made some calls."""
    code = ASKS.format(folder=str(folder), called=called, hits=hits, hit=hit)
    own = os.environ | {caches.VARIABLE: str(folder / "cache")}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_only_kernels_call_is_kept_without_native_code_and_serves_others(tmp_path):
    (tmp_path / "kernel_calls.py").write_text(CALLS, "utf-8")
    assert asked(tmp_path, "k.total(3) == 3", "total") == "[True] [False]"
    assert asked(tmp_path, "k.total(3) == 3", "total", hit=1) == "[True] []"
    assert asked(tmp_path, "k.twice(3) == 6", "twice") == "[True] [False]"  # compiled from what was kept
    assert asked(tmp_path, "k.checked(2).tolist() == [0, 0, 2]", "checked") == "[True] []"


def test_a_kernel_may_call_itself(tmp_path):
    (tmp_path / "kernel_calls.py").write_text(CALLS, "utf-8")
    for hit in (0, 1):
        asked(tmp_path, "k.deeper(5) == 6", "deeper", hit=hit)
    asked(tmp_path, "k.depth(5) == 5", "depth")


# --- a numba whose inner parts nobody has looked at

UNKNOWN = """
import sys
import numba
numba.__version__ = "0.99.1"
sys.path.insert(0, {folder!r})
import kernel_calls as k

assert (k.total(3), k.twice(3), k.deeper(5)) == (3, 6, 6)
assert k.checked(2).tolist() == [0, 0, 2]
print("watchfloor.core.numba_parts" in sys.modules)
"""


def test_another_numba_compiles_as_it_does_by_itself_and_nothing_is_kept(tmp_path):
    (tmp_path / "kernel_calls.py").write_text(CALLS, "utf-8")
    own = os.environ | {caches.VARIABLE: str(tmp_path / "cache")}
    code = UNKNOWN.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "False", "")
    assert not [*tmp_path.rglob("*.nbc")]


def test_the_numba_that_is_pinned_is_known():
    assert compiling.known
