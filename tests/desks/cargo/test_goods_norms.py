import pytest

from watchfloor.desks.cargo import goods_norms
from watchfloor.formats.settings import SettingsError


def test_the_packaged_table_cites_its_law_and_how_each_row_was_checked():
    found = goods_norms.load(goods_norms.reference())
    assert {one.name: one.cad for one in found.threshold} == {
        "postal-remission": 20,
        "courier-remission": 20,
        "cusma-tax": 40,
        "cusma-duty": 150,
        "low-value-shipment": 3300,
    }
    assert all(one.law and one.checked for one in found.threshold)
    assert all(one.source and one.checked for one in found.heaviest)


def test_a_nodes_own_table_takes_its_place(tmp_path):
    (tmp_path / goods_norms.FILE).write_text("[rates]\nCAD = 1.0\nUSD = 1.4\n")
    assert goods_norms.read(tmp_path).rates["USD"] == 1.4
    assert goods_norms.read(tmp_path).threshold == ()


ROW = '[[threshold]]\nname = "t"\ncad = {cad}\nmodes = ["{mode}"]\nlaw = "l"\nchecked = "c"\n'
NORM = '[[norm]]\nhs = "{hs}"\ncurrency = "CAD"\nlow = {low}\nhigh = 9.0\nsource = "s"\nchecked = "c"\n'


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (ROW.format(cad=-1.0, mode="post"), "t: -1.0 is no finite number above 0"),
        (ROW.format(cad="nan", mode="post"), "no finite number"),
        (ROW.format(cad=1.0, mode="balloon"), "there is no mode 'balloon'"),
        (ROW.format(cad=1.0, mode="post") * 32, "32 thresholds; there is room for 31"),
        (NORM.format(hs="61", low=1.0), "a heading has four digits"),
        (NORM.format(hs="6109", low=10.0), "low is no more than high"),
        ("[rates]\nUSD = 0.0\n", "USD: 0.0 is no finite number"),
        ("[ratio]\nUSD = 1.0\n", "there is no such setting"),
    ],
)
def test_a_bad_row_is_named(tmp_path, text, names):
    (tmp_path / goods_norms.FILE).write_text(text)
    with pytest.raises(SettingsError, match=names):
        goods_norms.read(tmp_path)
