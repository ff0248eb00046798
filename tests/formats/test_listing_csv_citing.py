from io import BytesIO

from watchfloor.formats.lists.listing_csv import FORMAT


def test_what_a_hit_cites_may_be_given():
    text = "id,name,aliases,instrument,item,in_force\n1,Ada,,Toy Act,12,2026-06-01\n2,Bo,,,,2026-06-31\n"
    batch, fault = FORMAT.read(BytesIO(text.encode()), "toy.csv")
    (row,) = batch.rows.to_pylist()
    assert (row["instrument"], row["item"], str(row["in_force"])) == ("Toy Act", "12", "2026-06-01")
    assert row["observed_at"].isoformat() == "2026-06-01T00:00:00+00:00"
    assert row["remarks"] is None
    assert "2026-06-31" in fault.reason
