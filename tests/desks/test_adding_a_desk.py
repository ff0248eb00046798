"""The page that shows how to add a desk is true: its desk is found, keeps the contract and speaks."""

import re
import sys
from pathlib import Path

import pytest

from watchfloor.desks.registry import checked, found, sample
from watchfloor.run.order import arranged, moments
from watchfloor.testing import desks as contract

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-desk.md"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    folder = tmp_path / "documented" / "bursts"
    folder.mkdir(parents=True)
    for place in (folder.parent, folder):
        (place / "__init__.py").write_text("", encoding="utf-8")
    for name, code in re.findall(
        r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    ):
        (folder / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    (only,) = checked(found("documented"))
    yield only
    for name in [name for name in sys.modules if name.startswith("documented")]:
        del sys.modules[name]


def test_the_desk_of_the_page_keeps_the_contract(desk):
    inputs, refs = sample(desk, 0)
    rows = arranged(desk, inputs)
    contract.check_cuts(desk, inputs, refs, contract.every_row(rows.num_rows))
    for at in moments(rows)[::20]:
        contract.check_causality(desk, inputs, refs, int(at))
    contract.check_nothing_ambient(desk, inputs, refs)
    assert contract.check_reasons(desk, inputs, refs)["signal"].num_rows > 3
