"""Wording and templates of letters: estimates against exact Jaccard indices, and what must not count."""

import random
from hashlib import blake2b
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from tests.formats import reports
from tests.thorough import draws

from watchfloor.formats.base import FormatError
from watchfloor.formats.documents import wording
from watchfloor.formats.documents.template import template
from watchfloor.formats.documents.wording import (
    HASHES,
    bands,
    fingerprint,
    jaccard,
    minima,
    resemblance,
    shingles,
)

FORM = (
    "Dear {title} {name},\nWe are pleased to offer {whom} admission to the program of {program} at Lantern "
    "College from {day}. Tuition of ${fee} is due within thirty days of this letter, and {whom} must keep "
    "full time status in each term. Student number {number}.\nYours truly, the Registrar"
)
ONE = {
    "title": "Mr.", "name": "Avery Vale", "whom": "him", "program": "Welding", "day": "September 8, 2026",
    "fee": "14,500.00", "number": "LC-204881",
}  # fmt: skip
OTHER = ONE | {
    "title": "Ms.", "name": "Wren Halloway", "whom": "her", "day": "11 janvier 2027",
    "fee": "9,120.50", "number": "LC-7",
}  # fmt: skip


def filled(said):
    return FORM.format(**said), [said["name"]]


def test_two_copies_of_one_form_have_one_fingerprint_whoever_they_are_for():
    assert np.array_equal(fingerprint(*filled(ONE)), fingerprint(*filled(OTHER)))


def test_names_that_are_not_given_count_as_wording():
    one, other = fingerprint(filled(ONE)[0]), fingerprint(filled(OTHER)[0])
    assert resemblance(one, other).value < 1


@pytest.mark.parametrize(
    "change", [str.upper, lambda text: text.replace(" ", "  \n"), lambda text: "\N{BOM}" + text]
)
def test_case_and_space_are_no_wording(change):
    text, names = filled(ONE)
    assert np.array_equal(fingerprint(text, names), fingerprint(change(text), names))


def test_without_the_form_two_letters_of_one_issuer_are_not_alike():
    form = shingles(*filled(ONE | {"program": "{}"}))
    one, other = (fingerprint(*filled(ONE | {"program": what}), form) for what in ("Nursing Care", "Welding"))
    assert one.size == other.size == HASHES
    assert resemblance(one, other).value < 0.2


def test_a_letter_without_words_has_no_fingerprint_and_resembles_nothing():
    for text in ("", "2026-11-24", "Mr. 12"):
        assert fingerprint(text).size == 0
        assert resemblance(fingerprint(text), fingerprint(*filled(ONE))) is None
        assert bands(fingerprint(text)) == []


def sets(share, size, seed):
    """Two sets of texts with a Jaccard index near a share."""
    draw = random.Random(seed)
    common = round(2 * size * share / (1 + share))
    tell = [f"{draw.random()}" for _ in range(2 * size - common)]
    return frozenset(tell[:size]), frozenset(tell[size - common :])


def test_the_estimate_holds_the_exact_index_as_often_as_it_says():
    """400 pairs: an interval of 95 % misses 20 of them on average, and more than 34 once in a thousand."""
    missed, errors = 0, []
    for seed in range(400):
        one, other = sets((seed % 20) / 19, 120, seed)
        exact, found = jaccard(one, other), resemblance(minima(one), minima(other))
        missed += not found.low <= exact <= found.high
        errors.append(
            (found.value - exact) / max(np.sqrt(exact * (1 - exact) / HASHES), 1e-9) * (0 < exact < 1)
        )
    assert missed <= 34
    told = [one for one in errors if one]
    assert np.mean(told) == pytest.approx(0, abs=0.2)
    assert np.std(told) == pytest.approx(1, abs=0.15)


def test_alike_letters_share_a_key_and_others_do_not():
    pairs = [sets(share, 120, seed) for share, seed in ((0.8, 1), (0.9, 2), (0.01, 3), (0.0, 4))]
    shared = [bool(set(bands(minima(one))) & set(bands(minima(other)))) for one, other in pairs]
    assert shared == [True, True, False, False]


@limits(max_examples=draws(200, 10))
@given(st.text(max_size=400), st.text(max_size=20))
def test_any_text_has_a_fingerprint_or_none(text, name):
    found = fingerprint(text, [name])
    assert found.dtype == np.int64
    assert found.size in (0, HASHES)
    assert (found >= 0).all()
    assert wording.jaccard(shingles(text), shingles(text)) in (0.0, 1.0)


def test_minima_are_those_of_splitmix64_in_whole_numbers():
    """Computed without NumPy, so that a fingerprint is the same on every machine and in every version."""

    def mixed(value):
        value = (value + 0x9E3779B97F4A7C15) % 2**64
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
        return value ^ value >> 31

    texts = {"we are pleased to", "are pleased to offer"}
    values = [int.from_bytes(blake2b(one.encode(), digest_size=8).digest(), "little") for one in texts]
    told = [min(mixed(value ^ mixed(seed)) for value in values) >> 1 for seed in range(1, HASHES + 1)]
    assert fingerprint("We are pleased to offer").tolist() == told


def test_a_template_of_a_pdf_does_not_change_with_its_text():
    one, other = (template(reports.pdf(lines), "a.pdf") for lines in (["Dear Avery"], ["Dear Wren", "Again"]))
    assert one.key == other.key
    assert one.key.startswith("pdf:")
    assert template(reports.pdf(["x"], image=(1,)), "a.pdf").key != one.key


def test_a_template_of_a_word_document_follows_its_root_and_not_its_text():
    def made(text, root):
        data = BytesIO(reports.docx(text, header=("Lantern College",)))
        with ZipFile(data, "a") as archive:
            archive.writestr("word/settings.xml", f'<w:settings><w:rsidRoot w:val="{root}"/></w:settings>')
            archive.writestr("word/media/image1.png", b"logo")
        return template(data.getvalue(), "a.docx")

    one, copy, apart = (
        made("Dear Avery", "00A1B2C3"),
        made("Dear Wren", "00A1B2C3"),
        made("Dear Avery", "00FFFFFF"),
    )
    assert one.key == copy.key != apart.key
    assert one.images == apart.images
    assert len(one.images) == 1


@pytest.mark.parametrize("data", [b"", b"text", b"%PDF-1.7", b"PK\x03\x04", reports.pdf(["x"])[:200]])
def test_no_template_of_what_is_no_document(data):
    with pytest.raises(FormatError, match=r"a\.pdf"):
        template(data, "a.pdf")
