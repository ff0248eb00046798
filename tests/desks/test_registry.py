"""What the registry finds, and what it refuses, with the words of each refusal."""

import sys
from dataclasses import replace

import pyarrow as pa
import pytest
from tests.desks import toys

from watchfloor.core import kinds
from watchfloor.core.derived import DERIVED, SIGNAL
from watchfloor.core.kinds import COMMON, Kind, column
from watchfloor.core.protected import PROTECTED
from watchfloor.desks import registry
from watchfloor.desks.base import Desk, Refs
from watchfloor.desks.registry import DeskRefusedError, checked, found

TRACK = pa.schema([*DERIVED, column("track", pa.string(), "a track")])


def desk(name, reads=("party",), yields=None, **more):
    return Desk(
        name=name, version="1", reads=reads, yields=yields or {"signal": SIGNAL}, step=toys.seen, **more
    )


@pytest.fixture
def extra(monkeypatch):
    """Adds kinds of evidence for one test."""

    def add(name, *columns):
        monkeypatch.setattr(registry, "KINDS", {**registry.KINDS, name: Kind(name, "", (*columns,))})

    return add


def refused(*desks):
    with pytest.raises(DeskRefusedError) as caught:
        checked(desks)
    return str(caught.value)


def test_every_desk_in_the_tree_is_found_and_may_run():
    names = [d.name for d in found()]
    assert "listings" in names
    assert list(registry.desks()) == names


def test_toys_may_run():
    assert checked(toys.TOYS) == toys.TOYS


@pytest.mark.parametrize("name", sorted({*PROTECTED, "Holder Nationality", "religion-code"}))
def test_a_protected_column_is_refused(extra, name):
    extra("visa", column(name, pa.string(), ""))
    assert refused(desk("visas", ("visa",), identity=True)) == (
        f"desk 'visas' (tests.desks.toys): it reads 'visa' with the column {name}, which no desk may use"
    )


def test_a_protected_column_deep_inside_is_refused(extra):
    extra(
        "visa",
        column("papers", pa.list_(pa.struct([("holder", pa.struct([("religion", pa.string())]))])), ""),
    )
    assert "papers.holder.religion" in refused(desk("visas", ("visa",)))


@pytest.mark.parametrize(
    "inside",
    [
        pa.map_(pa.string(), pa.struct([("faith", pa.string())])),
        pa.list_(pa.struct([("faith", pa.string())]), 2),
        pa.large_list(pa.list_(pa.struct([("faith", pa.string())]))),
    ],
)
def test_a_protected_column_is_found_in_maps_and_lists_of_every_sort(extra, inside):
    extra("visa", column("papers", inside, ""))
    assert "papers.faith" in refused(desk("visas", ("visa",), identity=True))


def test_a_protected_column_of_a_derived_kind_is_refused_where_it_is_made():
    faith = pa.schema([*DERIVED, column("by_faith", pa.string(), "")])
    assert "by_faith, which no derived row may carry" in refused(
        desk("a", yields={"score": faith}), desk("b", ("score",))
    )


def test_a_country_is_not_handed_over_but_to_an_identity_desk():
    schemas = {"party": kinds.PARTY.schema}
    assert "country" not in registry.unify(desk("a"), schemas).names
    assert "country" in registry.unify(desk("a", identity=True), schemas).names


def test_a_country_inside_a_struct_cannot_be_hidden_and_is_refused(extra):
    extra("visa", column("papers", pa.list_(pa.struct([("country", pa.string())])), ""))
    assert "papers.country, which only an identity desk may see" in refused(desk("visas", ("visa",)))
    assert checked([desk("visas", ("visa",), identity=True)])


def test_no_derived_row_carries_a_country():
    schema = pa.schema([*TRACK, ("country", pa.string())])
    assert "with the column country, which no derived row may carry" in refused(
        desk("a", yields={"track": schema})
    )


def test_an_unknown_kind_is_refused_with_the_known_ones():
    words = refused(desk("a", ("partie",)))
    assert "it reads 'partie', which is no kind" in words
    assert "party" in words


def test_clashing_column_types_are_refused(extra):
    extra("deposit", *COMMON, column("name", pa.int64(), ""))
    words = refused(desk("a", ("party", "deposit")))
    assert "column name is string in 'party' and int64 in 'deposit'" in words


def test_a_column_called_kind_is_refused_beside_another_kind(extra):
    extra("deposit", *COMMON, column("kind", pa.string(), ""))
    assert "has a column 'kind'" in refused(desk("a", ("party", "deposit")))
    assert checked([desk("a", ("deposit",))])


def test_a_circle_of_kinds_is_refused():
    a = desk("a", ("track",), {"link": TRACK})
    b = desk("b", ("link",), {"track": TRACK})
    assert "circle: a reads from b reads from a" in refused(a, b)
    assert "circle: a reads from a" in refused(desk("a", ("signal",)))


def test_desks_come_after_those_they_read_from():
    late, early = desk("late", ("track",)), desk("early", yields={"track": TRACK})
    assert checked([late, early]) == [early, late]


def test_a_derived_kind_starts_with_the_derived_columns():
    assert "must start with the columns of records.derived" in refused(
        desk("a", yields={"track": pa.schema([("track", pa.string())])})
    )


def test_a_derived_kind_is_the_same_whoever_yields_it():
    other = TRACK.set(len(DERIVED), pa.field("track", pa.int64()))
    words = refused(desk("a", yields={"track": TRACK}), desk("b", yields={"track": other}))
    assert words.startswith("desk 'b'")
    assert "a column track of int64, where others yield string" in words


def test_evidence_is_not_derived():
    assert "'party', which is a kind of evidence" in refused(desk("a", yields={"party": SIGNAL}))


def test_names_are_taken_once():
    assert "its name is taken" in refused(desk("a"), desk("a"))


def test_memory_needs_all_three_functions():
    assert "has its own begin: a desk with memory needs begin, freeze and thaw" in refused(
        desk("a", begin=toys.nothing_yet)
    )


def test_a_desk_that_reads_nothing_is_refused():
    assert "reads no kind" in refused(desk("a", ()))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of desk folders, written for one test."""

    def write(**modules):
        root = tmp_path / "outside_desks"
        for folder, text in {"": "", **modules}.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / "__init__.py").write_text("", encoding="utf-8")
            if folder:
                (root / folder / "desk.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return "outside_desks"

    yield write
    for name in [name for name in sys.modules if name.startswith("outside_desks")]:
        del sys.modules[name]


def test_a_folder_without_a_desk_says_what_it_needs(package):
    with pytest.raises(DeskRefusedError, match=r"outside_desks\.empty\.desk: needs an attribute DESK"):
        list(found(package(empty="")))


def test_a_desk_is_called_as_its_folder(package):
    text = "from tests.desks.toys import STATELESS as DESK"
    with pytest.raises(DeskRefusedError, match="calls itself 'stateless', not 'other'"):
        list(found(package(other=text)))


def test_a_desk_is_found_by_its_folder_alone(package):
    assert [d.name for d in found(package(stateless="from tests.desks.toys import STATELESS as DESK"))] == [
        "stateless"
    ]


def test_a_desk_without_a_sample_says_so():
    with pytest.raises(DeskRefusedError, match=r"needs a module tests\.desks\.sample"):
        registry.sample(toys.STATELESS, 0)


def test_references_are_digested_whole():
    table = pa.table({"a": [1, 2]})
    refs = Refs(b"k", {"law": b"text", "lists": table})
    cut = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert Refs(b"other", {"law": b"text", "lists": cut}).digests == refs.digests
    assert Refs(b"k", {"law": b"text!", "lists": table}).digests["law"] != refs.digests["law"]
    assert "text" not in repr(refs)
    assert "b'k'" not in repr(refs)


def test_replaced_fields_do_not_change_the_place():
    assert replace(toys.STATELESS, version="2").place == "tests.desks.toys"
