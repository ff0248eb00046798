"""A connection that cannot be used is closed, whoever keeps the error; Python 3.13 warns of open ones."""

import sys
from pathlib import Path

import pytest

from watchfloor.console.access import file as access
from watchfloor.store import catalogue
from watchfloor.store.index import file as index

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")


def opened(folder):
    """Files of a folder that this process has open."""
    links = [one for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
    return [one for link in links if (one := link.readlink()).is_relative_to(folder)]


@pytest.mark.parametrize(
    ("name", "open_"),
    [(catalogue.NAME, catalogue.for_writing), (index.NAME, index.open_), (access.NAME, access.AccessFile)],
)
def test_a_file_that_is_no_database_is_left_closed(tmp_path, name, open_):
    place = tmp_path.resolve()
    (place / name).write_bytes(b"This is no database. " * 400)
    with pytest.raises(Exception, match="database") as caught:
        open_(place)
    assert opened(place) == []
    assert caught.tb is not None  # while the error, and with it every frame, is kept
