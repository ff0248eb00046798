import pytest

from watchfloor.feeds import config
from watchfloor.formats import registry
from watchfloor.formats.settings import SettingsError

GOOD = """
[feeds.parcels]
paths = ["parcels*.csv"]
format = "party-csv"
marking = "PB//TLP:AMBER"
retain_days = 730

[feeds.parcels.screen]
necessity = "consignees are checked"
authority = "Criminal Code, s. 83.11"

[feeds.clients]
paths = ["bank/*.xlsx"]
mapping = "clients.toml"
"""
MAPPING = 'kind = "party"\n[fields]\nname = "Nom"\n[constants]\nrole = "payee"\nobserved_at = "2026-11-24"\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "clients.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def read(folder, text):
    (folder / config.NAME).write_text(text, encoding="utf-8")
    return config.load(folder)


def test_feeds_are_read(folder):
    feeds = read(folder, GOOD)
    assert feeds.feed_of("in/parcels-2026.csv") == "parcels"
    assert feeds.feed_of("in/a.zip!bank/x.xlsx") == "clients"
    assert feeds.feed_of("other.csv") is None
    assert feeds.mappings["clients"].kind == "party"
    assert feeds.feed("unknown") == config.Feed()


def test_only_a_stated_necessity_screens(folder):
    screened = read(folder, GOOD).screened()
    assert list(screened) == ["parcels"]
    assert screened["parcels"].authority == "Criminal Code, s. 83.11"


def test_without_settings_there_are_no_feeds(tmp_path):
    assert config.load(tmp_path).screened() == {}


def test_install_brings_the_mappings_along(folder, tmp_path_factory):
    read(folder, GOOD)
    floor = tmp_path_factory.mktemp("floor")
    config.install(floor, folder / config.NAME)
    assert config.load(floor).mappings["clients"].kind == "party"


@pytest.mark.parametrize(
    ("old", "new", "place", "advice"),
    [
        ("marking =", "markng =", "line 5: feeds.parcels.markng", "did you mean 'marking'"),
        ("PB//TLP:AMBER", "PX", "line 5: feeds.parcels.marking", "PX"),
        ("party-csv", "party-cvs", "line 4: feeds.parcels.format", "did you mean 'party-csv'"),
        ("authority =", "authorty =", "line 10: feeds.parcels.screen.authorty", "did you mean 'authority'"),
        ('"consignees are checked"', '" "', "line 9: feeds.parcels.screen.necessity", "must be stated"),
        ("730", '"730"', "line 6: feeds.parcels.retain_days", "Expected `int"),
        ("730", "0", "line 6: feeds.parcels.retain_days", "1 or more"),
        ("feeds.clients]", "feeds.imo]", "line 12: feeds.imo", "numbering system"),
        ("feeds.clients]", "feeds.Clients]", "line 12: feeds.Clients", "lower-case"),
        ("clients.toml", "../x.toml", "line 14: feeds.clients.mapping", "without folders"),
        ("clients.toml", "gone.toml", "line 14: feeds.clients.mapping", "cannot be read"),
        ("mapping =", 'format = "ftm"\nmapping =', "line 15: feeds.clients.mapping", "not both"),
        ("[feeds.parcels]", "[feds.parcels]", "line 2: feds", "[feeds.NAME]"),
        ("[feeds.clients]", "[feeds", "line", ""),
    ],
)
def test_a_typo_is_named_with_key_and_line(folder, old, new, place, advice):
    with pytest.raises(SettingsError) as caught:
        read(folder, GOOD.replace(old, new, 1))
    assert place in str(caught.value)
    assert advice in str(caught.value)


def test_an_encoding_is_one_of_text(folder):
    assert read(folder, '[feeds.a]\nencoding = "cp1251"\n').feed("a").encoding == "cp1251"
    with pytest.raises(SettingsError) as error:
        read(folder, '[feeds.a]\nencoding = "zlib_codec"\n')
    assert "line 2" in str(error.value)
    (folder / "clients.toml").write_text('encoding = "rot13"\n' + MAPPING, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        read(folder, GOOD)
    assert "rot13" in str(error.value)


def test_the_formats_that_settings_may_name_are_those_of_the_registry():
    assert tuple(registry.FORMATS) == config.FORMATS
