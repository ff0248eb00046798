"""What the benchmarks of ingest write is what the readers read."""

from benchmarks.ingest import lists

from watchfloor.formats.base import Batch
from watchfloor.formats.registry import FORMATS


def test_a_generated_list_is_a_whole_edition(tmp_path):
    path = tmp_path / "un.xml"
    lists.write(path, 30, lists.DAYS[0])
    with path.open("rb") as stream:
        listed, edition = FORMATS["un-consolidated"].read(stream, path.name)
    assert isinstance(listed, Batch)
    assert listed.rows.num_rows == 30
    assert all(listed.rows["birth_dates"].to_pylist())
    assert edition.rows["entities"].to_pylist() == [[f"UN#{number}" for number in range(30)]]
    assert edition.rows["window_from"][0].as_py().isoformat() == lists.DAYS[0]
