"""Tables of pixels: what is read, what is guessed, and what is refused."""

import io
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.space.change.made_up import table

from watchfloor.formats.imagery import pickled
from watchfloor.formats.imagery import series as module
from watchfloor.formats.imagery.quality import (
    CLEAR,
    CLOUD,
    FILL,
    SHADOW,
    SNOW,
    WATER,
    QualityKind,
    classes,
    kind_of,
)
from watchfloor.formats.imagery.series import SeriesError, read_series

USGS = Path(__file__).parents[4] / "shared" / "data" / "space" / "landsat_series"
needs_usgs = pytest.mark.skipif(not USGS.is_dir(), reason="USGS pixel series are not beside the project")
ROW = "300,400,500,2500,1600,800,2900,0"


def write(tmp_path, content, name="pixel.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def notes_of(one):
    return [note.message for note in one.notes]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2020-02-29", "2020-03-01"),
        ("2020-02-29T10:15:00Z", "2020-03-01 04:00"),
        ("20200229", "20200301"),
        ("2020060", "2020061"),
        ("737484", "737485"),
        ("2458909", "2458910"),
        ("18321", "18322"),
        ("1582934400000", "1583020800000"),
        ("737484.0", "737485.0"),
    ],
)
def test_dates_are_understood(tmp_path, first, second):
    one = read_series(write(tmp_path, f"{first},{ROW}\n{second},{ROW}\n"))
    assert list(map(date.fromordinal, one.days.tolist())) == [date(2020, 2, 29), date(2020, 3, 1)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", " ", "|", ", "])
def test_delimiters_are_understood(tmp_path, delimiter):
    lines = [f"{730000 + at},{ROW}".replace(",", delimiter) for at in range(3)]
    one = read_series(write(tmp_path, "\n".join(lines)))
    assert one.bands == ("blue", "green", "red", "nir", "swir1", "swir2", "thermal")
    assert one.values[3].tolist() == [2500, 2500, 2500]


def test_decimal_commas_are_understood_between_semicolons(tmp_path):
    one = read_series(write(tmp_path, "date;ndvi\n2020-01-01;0,5\n2020-01-02;0,25\n"))
    assert one.values.tolist() == [[5000, 2500]]


def test_a_header_names_columns_in_any_order(tmp_path):
    text = "QA_PIXEL,NIR,Date,sr_red,moisture\n21824,2000,2020-01-01,500,7\n22280,2000,2020-01-09,500,8\n"
    one = read_series(write(tmp_path, text))
    assert one.bands == ("red", "nir", "moisture")
    assert one.quality.tolist() == [CLEAR, CLOUD]


def test_columns_of_remarks_are_no_bands_and_heads_may_be_french(tmp_path):
    rows = (
        "Satellite;Jour;Rouge;PIR;Qualité;Vu",
        "LT05;2020-01-01;500;2000;0;",
        "LE07;2020-01-09;500;2000;4;ici",
    )
    one = read_series(write(tmp_path, "\n".join(rows)))
    assert one.bands == ("red", "nir")
    assert one.quality.tolist() == [CLEAR, CLOUD]


@pytest.mark.parametrize(("factor", "note"), [(1e-4, True), (1, False)])
def test_reflectance_is_brought_to_ten_thousandths(tmp_path, factor, note):
    cells = ",".join(str(value * factor) for value in (300, 400, 500, 2500, 1600, 800))
    one = read_series(write(tmp_path, f"730000,{cells},2900,0\n"))
    assert np.allclose(one.values[:, 0], [300, 400, 500, 2500, 1600, 800, 1685])
    assert (module.SCALED.id in notes_of(one)) is note


def test_counts_of_collection_2_are_brought_to_ten_thousandths(tmp_path):
    counts = ",".join(
        str(round((value / 10_000 + 0.2) / 2.75e-5)) for value in (300, 400, 500, 4000, 1600, 800)
    )
    one = read_series(write(tmp_path, f"730000,{counts},41000,21824\n"))
    assert np.allclose(one.values[:6, 0], [300, 400, 500, 4000, 1600, 800], atol=0.2)
    assert one.values[6, 0] == pytest.approx((41_000 * 0.00341802 + 149 - 273.15) * 100)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", module.EMPTY),
        (b"\n\n", module.EMPTY),
        (b"# nothing\n", module.EMPTY),
        (b"date,ndvi\n", module.EMPTY),
        (b"\x00\x01\x02\x03", module.NOT_TEXT),
        (b"a,b\n1,2\n", module.NO_DATES),
        (b"yesterday,1\n", module.EMPTY),
        (b"date,ndvi\nyesterday,1\n", module.BAD_DATE),
        (b"date,ndvi\n2020-13-01,1\n", module.BAD_DATE),
        (b"date,ndvi\n1500-01-01,1\n1500-01-02,x\n", module.BAD_NUMBER),
        (b"99999999,1\n730000,1\n", module.BAD_DATE),
        (b"nan,1\n730000,1\n", module.BAD_DATE),
        (b"date,ndvi\n2020-01-01,green\n", module.NO_BANDS),
        (b"date,ndvi\n2020-01-01,0.5\n2020-01-02,green\n", module.BAD_NUMBER),
        (b"date,ndvi\n2020-01-01,0.5\n2020-01-02\n", module.RAGGED),
        (b"date,qa\n2020-01-01,0\n", module.NO_BANDS),
        (b"date,ndvi,qa\n2020-01-01,0.5,-7\n", module.UNKNOWN_QUALITY),
        (b"\x93NUMPY\x01\x00", module.NOT_NUMPY),
        (b"PK\x03\x04 nothing", module.NOT_NUMPY),
    ],
)
def test_a_bad_table_is_refused(tmp_path, content, message):
    with pytest.raises(SeriesError) as caught:
        read_series(write(tmp_path, content))
    assert caught.value.reason.message == message.id


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 20)
    with pytest.raises(SeriesError) as caught:
        read_series(write(tmp_path, table(3)))
    assert caught.value.reason.message == module.TOO_LARGE.id


def test_what_was_put_right_is_told(tmp_path):
    rows = [f"{730010 - at // 2 * 8},{ROW}" for at in range(6)]
    one = read_series(write(tmp_path, "\n".join(rows)))
    assert {module.SORTED.id, module.REPEATED.id, module.DATES_TAKEN["ordinal"].id} <= set(notes_of(one))
    assert one.usable.tolist() == [True, False] * 3
    cloudy = read_series(write(tmp_path, f"730000,{ROW[:-1]}4\n"))
    assert module.ALL_CLOUDY.id in notes_of(cloudy)
    bare = read_series(write(tmp_path, "2020-01-01,5000\n2020-01-02,6000\n"))
    assert module.NO_QUALITY.id in notes_of(bare)


@pytest.mark.parametrize("value", ["0", "-9999", "10000", "16000", "", "nan"])
def test_fill_and_saturated_values_do_not_count(tmp_path, value):
    one = read_series(write(tmp_path, f"730000,300,{value},500,2500,1600,800,2900,0\n730008,{ROW}\n"))
    assert one.usable.tolist() == [False, True]


def test_numpy_tables_say_the_same_as_text(tmp_path):
    text = read_series(write(tmp_path, table(30)))
    rows = np.array([[float(cell) for cell in line.split(",")] for line in table(30).splitlines()])
    names = ("dates", "blues", "greens", "reds", "nirs", "swir1s", "swir2s", "thermals", "qas")
    columns = dict(zip(names, rows.T.astype(np.int64), strict=True))
    np.savez(tmp_path / "a.npz", **columns)
    np.save(tmp_path / "b.npy", rows)
    objects = np.empty(2, object)
    objects[0], objects[1] = (-2010765.0, 1964625.0), {**columns, "dates": columns["dates"].tolist()}
    np.save(tmp_path / "c.npy", objects)
    fields = [(name, "i8") for name in names]
    np.save(tmp_path / "d.npy", np.array([tuple(row) for row in rows.astype(int).tolist()], fields))
    for name in ("a.npz", "b.npy", "c.npy", "d.npy"):
        one = read_series(tmp_path / name)
        assert one.bands == text.bands
        assert np.array_equal(one.days, text.days)
        assert np.array_equal(one.values, text.values)
        assert np.array_equal(one.quality, text.quality)


class Thief:
    def __reduce__(self):
        return print, ("stolen",)


@pytest.mark.parametrize("stolen", [Thief(), np.float64, range(3), {1, 2}, np.array(["a"])])
def test_a_pickle_that_names_anything_else_is_refused_and_runs_nothing(tmp_path, capsys, stolen):
    with pytest.raises(pickled.PickledError):
        pickled.objects(pickle.dumps({"dates": [1], "x": stolen}, protocol=2))
    assert not capsys.readouterr().out


def test_a_pickle_that_names_one_list_over_and_over_is_refused():
    nested = ["x"]
    for _ in range(18):
        nested = [nested] * 10
    with pytest.raises(pickled.PickledError):
        pickled.objects(pickle.dumps(nested, protocol=2))
    cycle = []
    cycle.append(cycle)
    with pytest.raises(pickled.PickledError):
        pickled.objects(pickle.dumps(cycle, protocol=2))


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_plain_objects_come_back_from_a_pickle(protocol):
    plain = {
        "a": [1, 2.5, None, "x"],
        "b": np.arange(6, dtype=">i2").reshape(2, 3),
        "c": (1, (2, np.int16(3))),
    }
    found = pickled.objects(pickle.dumps(plain, protocol=protocol))
    assert found["a"] == plain["a"]
    assert np.array_equal(found["b"], plain["b"])
    assert found["c"] == [1, [2, 3]]


@needs_usgs
def test_the_pickled_series_of_usgs_is_read():
    one = read_series(USGS / "h03v09_-2010765_1964625_pixel.npy")
    loaded = np.load(USGS / "h03v09_-2010765_1964625_pixel.npy", allow_pickle=True, encoding="latin1")[1]
    assert np.array_equal(one.days[::-1], loaded["dates"])
    seen = np.array(loaded["greens"], float)[::-1]
    assert np.array_equal(one.values[1][np.isfinite(one.values[1])], seen[seen > -9000])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["cut", "bytes", "swap", "repeat"]))
def test_a_damaged_table_is_read_or_refused(tmp_path_factory, seed, how):
    """Never another error, whatever is done to a text or to NumPy files."""
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    kind = seed % 4
    if kind == 0:
        buffer.write(table(20, header=seed % 2 == 0).encode())
    elif kind == 1:
        np.savez(buffer, dates=np.arange(730000, 730020), ndvi=rng.random(20))
    elif kind == 2:
        np.save(buffer, rng.random((20, 9)))
    else:
        objects = np.empty(1, object)
        objects[0] = {"dates": list(range(730000, 730020)), "ndvi": rng.random(20)}
        np.save(buffer, objects)
    data = bytearray(buffer.getvalue())
    at = int(rng.integers(0, len(data)))
    if how == "cut":
        del data[at:]
    elif how == "bytes":
        for where in rng.integers(0, len(data), 6):
            data[where] = rng.integers(0, 256)
    elif how == "swap":
        data[at : at + 40] = data[at : at + 40][::-1]
    else:
        data[at:at] = data[max(0, at - 200) : at]
    path = tmp_path_factory.mktemp("damaged") / "pixel"
    path.write_bytes(data)
    try:
        one = read_series(path)
    except SeriesError:
        return
    assert one.values.shape == (len(one.bands), len(one.days))
    assert (np.diff(one.days) >= 0).all()


QUALITIES = {
    QualityKind.CFMASK: {0: CLEAR, 1: WATER, 2: SHADOW, 3: SNOW, 4: CLOUD, 255: FILL},
    QualityKind.COLLECTION_1: {
        1: FILL,
        66: CLEAR,
        68: WATER,
        72: SHADOW,
        80: SNOW,
        96: CLOUD,
        224: CLOUD,
        322: CLEAR,
        324: WATER,
        834: CLEAR,
        768: CLEAR,
        1024: CLEAR,
    },
    QualityKind.COLLECTION_2: {
        1: FILL,
        21824: CLEAR,
        21952: WATER,
        22280: CLOUD,
        23888: SHADOW,
        30048: SNOW,
        21762: CLOUD,
        54596: CLOUD,
        5440: CLEAR,
        5504: WATER,
    },
    QualityKind.SCENE_CLASSIFICATION: {
        0: FILL,
        3: SHADOW,
        4: CLEAR,
        5: CLEAR,
        6: WATER,
        8: CLOUD,
        9: CLOUD,
        10: CLOUD,
        11: SNOW,
    },
}
"""Values as USGS (LSDS-1435, LSDS-1619) and ESA list them."""


@pytest.mark.parametrize("kind", QUALITIES)
def test_quality_is_guessed_and_understood(kind):
    values = np.array(list(QUALITIES[kind]))
    assert kind_of(values) is kind
    found, strange = classes(values, kind)
    assert found.tolist() == list(QUALITIES[kind].values())
    assert strange == 0


def test_values_that_a_kind_does_not_have_are_fill_and_counted():
    found, strange = classes(np.array([0, 7, 4]), QualityKind.CFMASK)
    assert found.tolist() == [CLEAR, FILL, CLOUD]
    assert strange == 1


@given(st.lists(st.integers(-5, 70_000), min_size=1, max_size=8), st.sampled_from(QualityKind))
def test_every_value_has_a_class(values, kind):
    found, strange = classes(np.array(values), kind)
    assert set(found.tolist()) <= {CLEAR, WATER, SHADOW, SNOW, CLOUD, FILL}
    assert 0 <= strange <= len(values)
