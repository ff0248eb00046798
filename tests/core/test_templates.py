"""Templates: what Jinja compiled is kept, and is never stale, missing or cut off for a page."""

import shutil
import subprocess
import sys
from collections import Counter

import jinja2
import pytest
from jinja2.bccache import bc_magic

from watchfloor.core import caches
from watchfloor.core.templates import environment

PACKAGE = "watchfloor.scorecard.page"
FILTERS = {"css": str, "linked": str}
PAGE = "page-body.html"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(caches, "folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def compiled(monkeypatch):
    """How often Jinja made Python of a template."""
    made = Counter()
    usual = jinja2.Environment._generate

    def counted(self, source, name, filename, defer_init=False):
        made[name] += 1
        return usual(self, source, name, filename, defer_init)

    monkeypatch.setattr(jinja2.Environment, "_generate", counted)
    return made


def files(kept):
    return sorted(path for path in kept.rglob("*") if path.is_file())


def test_a_template_is_compiled_once(kept, compiled):
    environment(PACKAGE, FILTERS).get_template(PAGE)
    assert compiled == {PAGE: 1}
    environment(PACKAGE, FILTERS).get_template(PAGE)
    assert compiled == {PAGE: 1}


def test_a_filter_that_asks_for_more_makes_other_code(kept, compiled):
    environment(PACKAGE, FILTERS).get_template(PAGE)
    asking = jinja2.pass_context(lambda context, text: text)
    environment(PACKAGE, FILTERS | {"css": asking}).get_template(PAGE)
    environment(PACKAGE, FILTERS, keep_trailing_newline=True).get_template(PAGE)
    assert compiled == {PAGE: 3}


@pytest.mark.parametrize("cut", [0, 1, 12, 40, -1])
def test_code_that_was_cut_off_is_made_again(kept, compiled, cut):
    environment(PACKAGE, FILTERS).get_template(PAGE)
    (file,) = files(kept)
    file.write_bytes(file.read_bytes()[:cut])
    environment(PACKAGE, FILTERS).get_template(PAGE)
    environment(PACKAGE, FILTERS).get_template(PAGE)
    assert compiled == {PAGE: 2}


@pytest.mark.parametrize("value", [0, ord("."), ord("R"), 0xFF])
def test_code_that_was_damaged_is_made_again(kept, compiled, value):
    environment(PACKAGE, FILTERS).get_template(PAGE)
    (file,) = files(kept)
    whole, head = file.read_bytes(), len(bc_magic)
    for at in range(head, head + 12):  # of the digest, before the code
        file.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
        environment(PACKAGE, FILTERS).get_template(PAGE)
    assert file.read_bytes() == whole


def test_a_page_is_made_where_nothing_can_be_kept(kept, compiled):
    page = environment(PACKAGE, FILTERS)
    shutil.rmtree(kept)
    page.get_template(PAGE)
    kept.write_bytes(b"a file where the folder was")
    environment(PACKAGE, FILTERS).get_template(PAGE)
    assert compiled == {PAGE: 2}


def test_another_process_compiles_nothing(kept, compiled):
    environment(PACKAGE, FILTERS).get_template(PAGE)
    code = (
        "import jinja2; jinja2.Environment._generate = None\n"
        "from watchfloor.core.templates import environment\n"
        f"environment({PACKAGE!r}, {{'css': str, 'linked': str}}).get_template({PAGE!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={caches.VARIABLE: str(kept)})
