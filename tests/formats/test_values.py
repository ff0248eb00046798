from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.tabular import values

WORDS = st.text(alphabet='ab;:@\\ é"\n', min_size=1, max_size=8)


def read(column):
    assert not column.wrong, column.wrong
    return column.values.to_pylist()


def only(reader, text, *options):
    return read(reader(pa.array([text]), *options))[0]


def why(reader, text, *options):
    return reader(pa.array([None, text, text]), *options).wrong


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("1971", (), "1971"),
        ("1971-05", (), "1971-05"),
        ("1971-05-02", (), "1971-05-02"),
        ("1971-05-02T00:00:00", (), "1971-05-02"),
        ("02/05/1971", ("%d/%m/%Y",), "1971-05-02"),
        ("05/1971", ("%d/%m/%Y", "%m/%Y"), "1971-05"),
        ("2 mai 1971", ("%d %B %Y",), "1971-05-02"),
        ("2 Févr. 1971", ("%d %b %Y",), "1971-02-02"),
        ("December 9, 1971", ("%B %d, %Y",), "1971-12-09"),
        ("1971-05-02", ("%d/%m/%Y",), "1971-05-02"),
    ],
)
def test_dates_keep_their_precision(text, formats, expected):
    assert only(values.partial_date, text, formats) == expected


@pytest.mark.parametrize(
    "text", ["1971-02-30", "1971-13", "0000", "31/02/1971", "yesterday", "1971-5-2", "²"]
)
def test_dates_that_do_not_exist_are_said_to_be_so(text):
    wrong = why(values.partial_date, text, ("%d/%m/%Y",))
    assert list(wrong) == [1, 2]
    assert text in wrong[1]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-07-01T10:00:00Z", 10),
        ("2026-07-01T10:00-04:00", 14),
        ("2026-07-01 10:00", 14),
        ("2026-07-01", 4),
        ("01/07/2026 10:00", 14),
    ],
)
def test_moments_are_utc(text, hour):
    moment = only(values.instant, text, ("%d/%m/%Y %H:%M",), "America/Toronto")
    assert moment == datetime(2026, 7, 1, hour, tzinfo=UTC)


def test_one_bad_moment_costs_only_itself():
    column = values.instant(pa.array(["2026-07-01T10:00:00Z", "2026-02-30T10:00:00Z", "2026-07-01"]))
    assert column.values.to_pylist()[::2] == [
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=UTC),
    ]
    assert list(column.wrong) == [1]


@settings(deadline=None, max_examples=draws(200))
@given(st.datetimes(timezones=st.just(UTC)), st.booleans())
def test_both_ways_of_reading_moments_agree(moment, slowly):
    texts = pa.array([moment.isoformat(), "2026-01-01" if slowly else None])
    assert read(values.instant(texts))[0] == moment


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match="'Mars/Olympus' is no time zone"):
        values.zone_of("Mars/Olympus")


@pytest.mark.parametrize("text", ["CA", "ca", "Canada", "CAN", "canada"])
def test_countries_in_many_ways(text):
    assert only(values.country, text) == "CA"


def test_countries_in_french_and_not_at_all():
    assert only(values.country, "États-Unis") == "US"
    assert "no country" in why(values.country, "Ruritania")[1]


@pytest.mark.parametrize(
    ("text", "expected"), [("Individu", "Person"), ("COMPANY", "Company"), ("navire", "Vessel")]
)
def test_schemas(text, expected):
    assert only(values.schema, text) == expected


def test_subject_keys_are_checked():
    assert only(values.subject_key, "vessel:imo:IMO 9074729") == "vessel:imo:9074729"
    assert "check" in why(values.subject_key, "vessel:imo:9074728")[1].lower()


IDENTIFIERS = st.lists(
    st.fixed_dictionaries({"system": WORDS, "number": WORDS, "owner": st.none() | WORDS}), max_size=4
)


@settings(deadline=None, max_examples=draws(300))
@given(IDENTIFIERS)
def test_identifiers_are_read_as_written(identifiers):
    assert values.read_identifiers(values.write_identifiers(identifiers)) == identifiers


@settings(deadline=None, max_examples=draws(300))
@given(st.lists(WORDS, max_size=4))
def test_lists_are_read_as_written(texts):
    assert values.read_list(values.write_list(texts)) == texts


def test_identifiers_as_people_write_them():
    assert values.read_identifiers("passport:AB 12; imo:9074729@IMO") == [
        {"system": "passport", "number": "AB 12", "owner": None},
        {"system": "imo", "number": "9074729", "owner": "IMO"},
    ]
    with pytest.raises(ValueError, match="no list of identifiers"):
        values.read_identifiers("AB 12")


READERS = [values.partial_date, values.instant, values.day, values.country, values.schema, values.identifiers]


@settings(deadline=None, max_examples=draws(200))
@given(
    st.sampled_from([*READERS, values.subject_key, values.escaped_list]),
    st.lists(st.none() | st.text(), max_size=5),
)
def test_any_text_is_a_value_or_a_sentence(reader, texts):
    column = reader(pa.array(texts, pa.string()))
    assert len(column.values) == len(texts)
    assert all(isinstance(sentence, str) and sentence for sentence in column.wrong.values())
    assert all(texts[row] is not None for row in column.wrong)
