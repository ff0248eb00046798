"""The day that a declaration is of."""

import pyarrow as pa
import pyarrow.compute as pc


def days_of(rows: pa.Table) -> pa.ChunkedArray:
    """The day of each declaration: when it is expected, else when it was declared."""
    return pc.cast(pc.coalesce(rows["expected_at"], rows["observed_at"]), pa.date32())
