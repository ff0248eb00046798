"""Files that people edit are read as UTF-8, with or without a mark, or refused in one sentence."""

import re

import pytest

from watchfloor.casework.tasking import units
from watchfloor.casework.watch import orders
from watchfloor.cell.weighing import weights
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.feeds import config
from watchfloor.formats.settings import Settings, SettingsError, read_text
from watchfloor.formats.tabular import mapping
from watchfloor.policy import terms

LATIN = "# é\n".encode("latin-1")
LOADERS = {
    "policy.toml": lambda path: terms.load(path.parent),
    config.NAME: lambda path: config.load(path.parent),
    units.NAME: lambda path: units.load(path.parent),
    orders.NAME: lambda path: orders.load(path.parent),
    margins.FILE: lambda path: margins.load(path.parent),
    goods_norms.FILE: lambda path: goods_norms.read(path.parent),
    "mapping.toml": mapping.load,
    "weights.toml": weights.load,
}


@pytest.mark.parametrize("name", LOADERS)
def test_a_file_that_is_no_utf_8_is_told_as_that(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(LATIN)
    with pytest.raises(SettingsError, match=re.escape(f"{path} is no UTF-8 text; save it as one")):
        LOADERS[name](path)


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "a.toml").write_bytes("\ufeffà = 1\n".encode())
    assert read_text(tmp_path / "a.toml") == "à = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "a." * 1_000 + "a = 1",
        "[" + "a . " * 1_000 + "a]",
        "a = {" + '"." . ' * 1_000 + "a = 1}",
        "a = " + "[" * 100_000,
        "a = " + "{a = " * 100_000,
    ],
)
def test_what_would_take_a_reader_of_toml_without_end_is_refused(text):
    with pytest.raises(SettingsError):
        Settings(text, "mapping")


def test_many_numbers_and_dots_that_are_no_key_are_read():
    text = "# " + "." * 300 + "\na = [" + "0.1, " * 300 + "]\n"
    assert len(Settings(text, "mapping").values["a"]) == 300
