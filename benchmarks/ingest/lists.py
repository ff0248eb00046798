"""A United Nations list of any size onto a floor, twice, with the memory that it takes.

Each edition is taken in by a process of its own, as `watchfloor ingest` does, so that its peak is told apart.
The second edition is of another day and holds the same items, so that every item is compared with the first.

    python -m benchmarks.ingest.lists [--items 100000]
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.ingest.__main__ import FAMILY, GIVEN

DAYS = ("2026-05-01", "2026-06-01")
ITEM = """<INDIVIDUAL><DATAID>{id}</DATAID><VERSIONNUM>1</VERSIONNUM><FIRST_NAME>{given}</FIRST_NAME>\
<SECOND_NAME>{family}</SECOND_NAME><UN_LIST_TYPE>Ruritania</UN_LIST_TYPE>\
<REFERENCE_NUMBER>RUi.{id}</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON>\
<NAME_ORIGINAL_SCRIPT>عودو {id}</NAME_ORIGINAL_SCRIPT><COMMENTS1>{remark}</COMMENTS1>\
<DESIGNATION><VALUE>Keeper of the lamp {id}</VALUE></DESIGNATION>\
<NATIONALITY><VALUE>Iran</VALUE></NATIONALITY>\
<LAST_DAY_UPDATED><VALUE>2019-05-01</VALUE></LAST_DAY_UPDATED>\
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>{family} {given} Valle</ALIAS_NAME></INDIVIDUAL_ALIAS>\
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>{given}</ALIAS_NAME></INDIVIDUAL_ALIAS>\
<INDIVIDUAL_ADDRESS><CITY>Vale {id}</CITY><COUNTRY>Iran</COUNTRY></INDIVIDUAL_ADDRESS>\
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>{born}</DATE></INDIVIDUAL_DATE_OF_BIRTH>\
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>R{id:08}</NUMBER>\
</INDIVIDUAL_DOCUMENT></INDIVIDUAL>
"""


def write(path: Path, items: int, day: str, seed: int = 1) -> None:
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'<CONSOLIDATED_LIST dateGenerated="{day}"><INDIVIDUALS>\n')
        for number in range(items):
            family = f"{draw.choice(FAMILY)}-{draw.randrange(100_000)}"
            born = f"{draw.randrange(1940, 2006)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
            remark = f"Believed abroad since {draw.randrange(1990, 2026)}. " * draw.randrange(4, 12)
            file.write(
                ITEM.format(id=number, given=draw.choice(GIVEN), family=family, born=born, remark=remark)
            )
        file.write("</INDIVIDUALS></CONSOLIDATED_LIST>\n")


def watchfloor(*arguments: str | Path) -> float:
    """Run the command; gives the seconds it took."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "watchfloor", *map(str, arguments)], check=True, capture_output=True
    )
    return time.perf_counter() - start


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=100_000)
    items = arguments.parse_args().items
    with tempfile.TemporaryDirectory() as folder:
        floor, path = Path(folder) / "floor", Path(folder) / "un.xml"
        watchfloor("init", "--floor", floor)
        for day in DAYS:
            write(path, items, day)
            seconds = watchfloor("ingest", path, "--floor", floor)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
            size = path.stat().st_size >> 20
            print(
                f"edition of {day}: {items:,} items, {size:,} MB, {seconds:.0f} s, peak {peak:,} MB resident"
            )


if __name__ == "__main__":
    main()
