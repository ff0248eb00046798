"""Bytes of a delivery are given to a reader from whom nothing that came in it is kept, and to no one else."""

from contextlib import suppress
from io import BytesIO

import pyarrow as pa
import pytest
from tests.store.rows import parties

from watchfloor.core.marking import parse
from watchfloor.feeds.original import original
from watchfloor.formats.base import Fault
from watchfloor.policy.policy import Reader
from watchfloor.store import NoOriginal

LOW = Reader("low", protected=1, tlp=1)
HIGH = Reader("high", protected=2, tlp=4)
OPEN, SHUT = "PA//TLP:GREEN", "PB//TLP:RED"


@pytest.fixture
def writer(floor, actor):
    with floor.writer(actor) as writer:
        yield writer


def gets(floor, reader, digest, position=None):
    with suppress(NoOriginal):
        return floor.original(digest, reader, position).read()
    return None


def deliver(writer, open_=(), shut=(), raw=b"all of it", **apart):
    with writer.delivery("feed", "a file", BytesIO(raw)) as intake:
        for numbers, marking in ((open_, OPEN), (shut, SHUT)):
            if numbers:
                intake.accept("party", parties(numbers, marking=marking))
        if apart:
            intake.quarantine([Fault("line 9", "is no row", b"a secret")], parse(apart["marking"]))
    return intake


@pytest.mark.parametrize(("shut", "mine"), [((), b"all of it"), ((2,), None)])
def test_one_hidden_row_keeps_the_bytes_back(floor, writer, shut, mine):
    came = deliver(writer, [1], shut)
    assert gets(floor, LOW, came.digest, came.position) == mine
    assert gets(floor, HIGH, came.digest, came.position) == b"all of it"
    found = floor.unseen(came.digest, LOW, came.position)
    assert found.locators == {f"line {number}" for number in shut}


def test_so_it_is_in_segments_that_were_joined(floor, writer):
    came = [deliver(writer, [n], [n + 10] if n % 2 else [], raw=b"%d" % n) for n in range(4)]
    writer.compact()
    assert [gets(floor, LOW, one.digest, one.position) for one in came] == [b"0", None, b"2", None]


@pytest.mark.parametrize(("marking", "mine"), [(OPEN, b"all of it"), (SHUT, None)])
def test_a_piece_that_could_not_be_read_counts(floor, writer, marking, mine):
    came = deliver(writer, [1], marking=marking)
    assert gets(floor, LOW, came.digest, came.position) == mine
    assert floor.unseen(came.digest, LOW, came.position).locators == (frozenset() if mine else {"line 9"})


def test_a_piece_that_came_before_and_is_not_kept_again_counts(floor, writer):
    deliver(writer, [1], marking=SHUT)
    again = deliver(writer, [3], marking=SHUT)
    assert again.repeated == 1
    assert gets(floor, LOW, again.digest, again.position) is None


def test_a_hidden_record_that_another_delivery_brought_counts(floor, writer):
    deliver(writer, [], [7], raw=b"the first")
    came = deliver(writer, [1], [7], raw=b"the second")
    assert gets(floor, LOW, came.digest, came.position) is None
    assert gets(floor, HIGH, came.digest, came.position) == b"the second"


def test_what_was_withheld_has_no_marking_and_is_for_nobody(floor, writer):
    with writer.delivery("feed", "a file", BytesIO(b"some")) as came:
        came.accept("party", parties([1], marking=OPEN))
        came.withhold(1, "it is too late")
    assert gets(floor, LOW, came.digest, came.position) is None
    assert gets(floor, HIGH, came.digest, came.position) is None


def test_a_row_that_was_read_again_has_the_bytes_of_all_that_came_with_it(floor, writer):
    first = deliver(writer, [1], [2], marking=OPEN)
    (piece,) = floor.quarantine()
    with writer.again(first.position, [piece.id]) as again:
        again.accept("party", parties([3], marking=OPEN))
    assert gets(floor, LOW, again.digest, again.position) is None
    assert gets(floor, HIGH, again.digest, again.position) == b"all of it"


def test_the_same_bytes_that_came_hidden_do_not_matter(floor, writer):
    """On a floor to which they never came that way, the reader would be given them."""
    hidden, open_ = deliver(writer, [], [1]), deliver(writer, [1])
    assert hidden.digest == open_.digest
    assert gets(floor, LOW, open_.digest, open_.position) == b"all of it"
    assert gets(floor, LOW, open_.digest) is None  # nobody says of which delivery


def test_a_record_that_was_marked_anew_does_not_open_what_it_came_in(floor, writer):
    came = deliver(writer, [], [1])
    anew = parties([1], marking=OPEN).append_column("delivery", pa.array([came.digest], pa.binary(32)))
    position = writer.append("party", anew, source="feed")
    assert gets(floor, LOW, came.digest, position) is None
    assert floor.unseen(came.digest, LOW, position).locators == {"line 1"}


def test_no_bytes_erased_bytes_and_none_that_came_are_all_the_same(floor, writer):
    gone, empty = deliver(writer, [1], raw=b"gone"), deliver(writer, [2], raw=b"")
    (row,) = floor.records(floor.read("party", HIGH)["record_id"].to_pylist()[0].hex(), HIGH)
    writer.erase([row[1]["record_id"]], "asked", category="consent")
    said = []
    for digest in (gone.digest, empty.digest, bytes(32)):
        with pytest.raises(NoOriginal) as error:
            floor.original(digest, HIGH)
        said.append(str(error.value))
    assert len(set(said)) == 1


def test_a_repeat_is_known_to_who_knows_what_came_under_its_marking(floor, writer):
    """A file that came again under a hidden marking, and brought nothing new, was named and counted."""
    for name, number, marking in (
        ("open", 1, OPEN),
        ("shut", 2, SHUT),
        ("shut again", 2, SHUT),
        ("more", 1, OPEN),
    ):
        with writer.delivery("feed", name, BytesIO(b"all of it")) as intake:
            intake.stated = parse(marking)
            intake.accept("party", parties([number], marking=marking))
            if marking == OPEN:
                intake.quarantine([Fault("line 9", "is no row", b"a secret")], parse(OPEN))
    (id_,) = floor.read("party", LOW)["record_id"].to_pylist()
    assert original(floor, id_, LOW).names == ("open", "more")
    assert original(floor, id_, HIGH).names == ("open", "shut", "shut again", "more")
    assert [(floor.quarantine(reader=reader)[0].came) for reader in (LOW, HIGH)] == [2, 4]
    assert [floor.delivery_tallies(reader)["feed"].deliveries for reader in (LOW, HIGH)] == [2, 4]
