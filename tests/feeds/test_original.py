"""A large file and an id that repeats in it: the very element, in memory that does not grow with the file."""

from io import FileIO
from pathlib import Path

import pytest

from watchfloor.feeds.original import locate

SIZE = 50 << 20
STATUS = Path("/proc/self/statm")


class Watched(FileIO):
    """A file that notes how much memory the process has each time that it is read."""

    pages: list[int]

    def read(self, size=-1, /):
        self.pages.append(int(STATUS.read_text().split()[1]))
        return super().read(size)


def entry(uid, name):
    words = "some remarks of an entry; " * 60
    return (
        f"<sdnEntry><uid>{uid}</uid><lastName>{name}</lastName><sdnType>Entity</sdnType><akaList><aka>"
        f"<uid>7</uid><lastName>Alias</lastName></aka></akaList><remarks>{words}</remarks></sdnEntry>\n"
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "sdn.xml"
    with path.open("w", encoding="ascii") as file:
        file.write("<sdnList>")
        number = 8
        while file.tell() < SIZE:
            file.writelines(entry(number + i, f"Name {number + i}") for i in range(500))
            number += 500
            if number in (508, 9508):
                file.write(entry(7, f"Seven after {number}"))
        file.write("</sdnList>")
    return path


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc, which only Linux has")
def test_the_second_of_a_number_is_found_in_constant_memory(large):
    assert large.stat().st_size >= SIZE
    for locator, expected in (("item 7", b"Seven after 508"), ("item 7 (2)", b"Seven after 9508")):
        with Watched(large) as file:
            file.pages = []
            assert expected in locate(file, locator)
    with Watched(large) as file:
        file.pages = []
        assert locate(file, "item 7 (3)") is None
    assert len(file.pages) > SIZE >> 16
    grown = (max(file.pages) - file.pages[0]) * 4096
    assert grown < 24 << 20  # the text alone is 50 MiB
