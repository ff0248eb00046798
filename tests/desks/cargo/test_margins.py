import pytest

from watchfloor.desks.cargo import margins
from watchfloor.formats.settings import SettingsError


def test_a_node_without_its_own_has_those_of_the_package(tmp_path):
    assert margins.load(tmp_path) == margins.load()
    assert margins.reference(tmp_path).num_rows == 1


def test_a_node_may_have_its_own(tmp_path):
    (tmp_path / "margins.toml").write_text("[mass]\nscale = 0.5\nleast = 0\nshare = 0.1\n")
    assert margins.load(tmp_path) == margins.Mass(0.5, 0, 0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[mass]\nscale = -1\nleast = 0\nshare = 0\n", "line 2: mass.scale: is a finite number, 0 or more"),
        ("[mass]\nscale = inf\nleast = 0\nshare = 0\n", "line 2: mass.scale: is a finite"),
        ("[mass]\nscale = 'x'\nleast = 0\nshare = 0\n", "line 2: mass.scale"),
        (
            "[mass]\nscale = 1\nlaest = 0\nshare = 0\n",
            "line 3: mass.laest: there is no such setting; did you mean",
        ),
        ("[mass]\nscale = 1\nleast = 0\n", "share"),
        ("[volume]\nx = 1\n", "line 1: volume: there is no such margin"),
        ("", "scale"),
    ],
)
def test_a_wrong_one_names_file_line_and_key(tmp_path, text, said):
    (tmp_path / "margins.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        margins.load(tmp_path)
    assert "margins.toml" in str(caught.value)
    assert said in str(caught.value)
