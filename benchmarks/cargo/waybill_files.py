"""Waybills a second read from Cargo-IMP and Cargo-XML, and lines a second from a postal table.

./dev bench cargo.waybill_files                    # 3,000 waybills a family, one processor
./dev bench cargo.waybill_files --waybills 50000

A Cargo-IMP file holds all of them; of Cargo-XML each is a document of its own, as senders send them. The rate
is over processor time, so that other work on the machine does not count. PyPI had no reader of either family
to run beside (November 2026: `onerecord` reads ONE Record, which is JSON-LD).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from io import BytesIO

from rich.console import Console
from rich.table import Table
from tests.formats.cargo import made

from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.registry import FORMATS

FORMS = {
    "FWB/17": "cargo-imp",
    "FHL/5": "cargo-imp",
    "FFM/8": "cargo-imp",
    "XFWB": "cargo-xml",
    "XFFM": "cargo-xml",
}
POST = (
    "Item number,Date of posting,Sender name,Sender address,Sender country,Addressee name,Addressee address,"
    "Addressee country,Description,Quantity,Net weight,Value,Currency,HS code,Country of origin,"
    "Gross weight\n"
)
LINES = (
    "{},2026-11-20,B Roe,2 Sample Rd,CN,A Vale,1 Example St,CA,phone case,2,0.2,15.00,CAD,392690,CN,0.6\n"
    ",,,,,,,,toy,1,0.3,5.00,CAD,950300,CN,\n"
)


def s10(number: int) -> str:
    """A number of a postal item, with its check digit."""
    digits = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return f"LX{digits}{ {10: 0, 11: 5}.get(rest, rest) }CN"


def files(count: int) -> dict[str, list[bytes]]:
    """For each sort of message, the files that hold `count` waybills."""
    docs = [made.Doc(number=made.awb(serial=i), house=f"H{i}") for i in range(count)]
    return {
        "FWB/17": [b"".join(map(made.fwb, docs))],
        "FHL/5": [made.fhl(docs[i : i + 20]) for i in range(0, count, 20)],
        "FFM/8": [made.ffm(docs[i : i + 200]) for i in range(0, count, 200)],
        "XFWB": [made.xfwb(doc) for doc in docs],
        "XFFM": [made.xffm(docs)],
        "postal-csv": [(POST + "".join(LINES.format(s10(i)) for i in range(count))).encode()],
    }


def declarations(read: Callable[[BytesIO, str], Iterator[Batch | Fault]], some: list[bytes]) -> int:
    """How many declarations are read; any fault is an error."""
    count = 0
    for data in some:
        for piece in read(BytesIO(data), "waybills-2026-11-20"):
            if isinstance(piece, Fault):
                raise SystemExit(piece.reason)
            count += piece.rows.num_rows if piece.kind.name == "declaration" else 0
    return count


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--waybills", type=int, default=3_000)
    parser.add_argument("--best-of", type=int, default=3)
    args = parser.parse_args()
    table = Table("message", "declarations", "MB", "declarations/s", "MB/s")
    for name, some in files(args.waybills).items():
        read = FORMATS[FORMS.get(name, name)].read
        best = float("inf")
        for _ in range(args.best_of):
            start = time.process_time()
            count = declarations(read, some)
            best = min(best, time.process_time() - start)
        size = sum(map(len, some)) / 1e6
        table.add_row(name, f"{count:,}", f"{size:.1f}", f"{count / best:,.0f}", f"{size / best:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
