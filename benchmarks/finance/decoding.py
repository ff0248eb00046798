"""Payment messages of ISO 20022 on the same bytes in one process: transactions a second, and equal fields.

Ours gives Arrow rows of `payment` and `party`, checked: amounts as decimals, IBANs by their check
digits, dates as moments, the message's own count. The peers are the usual two ways of Python to read
such a file in constant memory, and give a tuple of the same texts for each transaction, unchecked:
lxml's `iterparse` with one pass over the children of each `CdtTrfTxInf`, and expat with handlers. `ours,
elements` is our own second way, by lxml, which files take that the scan of bytes does not read. CPU time
of this process; everybody in turn, each run behind one that is not timed; medians.

    python -m benchmarks.finance.decoding [--runs 5] [--transactions 50000] [--json]

Data: generated pacs.008 (about 1,440 bytes a transaction, one message); `entities` is the same with
`&amp;` in every tenth name, `camt` a camt.054 of single entries with details; MT103 is ours alone, as a
rate.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from io import BytesIO
from random import Random
from statistics import median
from typing import Any, NamedTuple
from xml.parsers import expat

import lxml
from lxml import etree

from watchfloor.formats.base import Batch
from watchfloor.formats.payments import mt103
from watchfloor.formats.payments.iso20022 import file

FIELDS = {
    "PmtId/InstrId": 0,
    "PmtId/EndToEndId": 1,
    "PmtId/TxId": 2,
    "PmtId/UETR": 3,
    "PmtTpInf/SvcLvl/Cd": 4,
    "PmtTpInf/CtgyPurp/Cd": 5,
    "IntrBkSttlmAmt": 6,
    "IntrBkSttlmDt": 8,
    "AccptncDtTm": 9,
    "Dbtr/Nm": 10,
    "Dbtr/PstlAdr/Ctry": 11,
    "Dbtr/Id/OrgId/LEI": 12,
    "DbtrAcct/Id/IBAN": 13,
    "DbtrAcct/Id/Othr/Id": 14,
    "DbtrAgt/FinInstnId/BICFI": 15,
    "CdtrAgt/FinInstnId/BICFI": 16,
    "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd": 17,
    "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId": 18,
    "Cdtr/Nm": 19,
    "Cdtr/PstlAdr/Ctry": 20,
    "CdtrAcct/Id/IBAN": 21,
    "CdtrAcct/Id/Othr/Id": 22,
    "Purp/Cd": 23,
    "RmtInf/Ustrd": 24,
}
"""What everybody takes of a transaction, and its place; 7 is the currency."""
WIDTH = 25
BANKS = ("NDEAFIHH", "DEUTDEFF", "BARCGB22", "BNPAFRPP", "ROYCCAT2", "TDOMCATT", "CHASUS33")


class Row(NamedTuple):
    data: str
    reader: str
    transactions: int
    rate: float
    ratio: float | None
    megabytes: float


def iban(draw: Random, country: str = "DE") -> str:
    """A valid German IBAN of a random account."""
    body = f"{draw.randrange(10**18):018d}"
    rest = int(body + "".join(str(ord(letter) - 55) for letter in country) + "00") % 97
    return f"{country}{98 - rest:02d}{body}"


def transfer(draw: Random, i: int, odd: bool = False) -> str:
    """One transaction as correspondent banks send it: two parties, their banks, a purpose, a text."""
    bank, other = draw.choice(BANKS), draw.choice(BANKS)
    account = (
        f"<Othr>\n<Id>{draw.randrange(10**7):07d}</Id>\n</Othr>"
        if i % 4 == 0
        else f"<IBAN>{iban(draw)}</IBAN>"
    )
    currency = draw.choice(("EUR", "CAD", "USD"))
    name = f"Beta {'&amp; Sons' if odd else 'and Sons'} Trading {i % 5_000}"
    return f"""<CdtTrfTxInf>
<PmtId><InstrId>I{i:012d}</InstrId><EndToEndId>E{i:012d}</EndToEndId><TxId>T{i:012d}</TxId>
<UETR>{draw.getrandbits(32):08x}-{i % 65_536:04x}-4abc-8def-{draw.getrandbits(48):012x}</UETR></PmtId>
<PmtTpInf><SvcLvl><Cd>G001</Cd></SvcLvl><CtgyPurp><Cd>SUPP</Cd></CtgyPurp></PmtTpInf>
<IntrBkSttlmAmt Ccy="{currency}">{draw.randrange(1, 10**6)}.{i % 100:02d}</IntrBkSttlmAmt>
<IntrBkSttlmDt>2026-11-24</IntrBkSttlmDt>
<SttlmTmIndctn><DbtDtTm>2026-11-24T09:{i % 60:02d}:00Z</DbtDtTm></SttlmTmIndctn>
<AccptncDtTm>2026-11-24T{i // 3_600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d}Z</AccptncDtTm>
<ChrgBr>SHAR</ChrgBr>
<InstgAgt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></InstgAgt>
<InstdAgt><FinInstnId><BICFI>{other}</BICFI></FinInstnId></InstdAgt>
<Dbtr><Nm>Acme Widgets {i % 5_000} Ltd</Nm>
<PstlAdr><StrtNm>Example Street</StrtNm><BldgNb>{i % 90}</BldgNb><PstCd>00100</PstCd><TwnNm>Sampletown</TwnNm>
<Ctry>FI</Ctry></PstlAdr><Id><OrgId><LEI>213800KUD8LAJWSQ9D15</LEI></OrgId></Id></Dbtr>
<DbtrAcct><Id><IBAN>{iban(draw)}</IBAN></Id></DbtrAcct>
<DbtrAgt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></DbtrAgt>
<CdtrAgt><FinInstnId><BICFI>{other}</BICFI><ClrSysMmbId><ClrSysId><Cd>CACPA</Cd></ClrSysId>
<MmbId>000300012</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>
<Cdtr><Nm>{name}</Nm><PstlAdr><TwnNm>Sampleville</TwnNm><Ctry>CA</Ctry></PstlAdr></Cdtr>
<CdtrAcct><Id>{account}</Id></CdtrAcct>
<Purp><Cd>GDDS</Cd></Purp>
<RmtInf><Ustrd>Invoice {i} of November, order {i % 977}</Ustrd></RmtInf>
</CdtTrfTxInf>
"""


def pacs008(count: int, odd: int = 0, seed: int = 1) -> bytes:
    """One message; every `odd`-th transaction has an entity in it."""
    draw = Random(seed)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        "<FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-24T09:00:00Z</CreDtTm>"
        f"<NbOfTxs>{count}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\n"
        + "".join(transfer(draw, i, bool(odd) and i % odd == 0) for i in range(count))
        + "</FIToFICstmrCdtTrf></Document>"
    ).encode()


def camt054(count: int, seed: int = 1) -> bytes:
    """A notification of single entries, each with its details."""
    draw = Random(seed)
    entries = (
        f"<Ntry><NtryRef>{i}</NtryRef><Amt Ccy='EUR'>{draw.randrange(1, 10**6)}.00</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd>"
        "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        "<Cd>RCDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
        f"<EndToEndId>E{i}</EndToEndId><TxId>T{i}</TxId></Refs><RltdPties>"
        f"<Dbtr><Pty><Nm>Acme {i}</Nm></Pty></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{iban(draw)}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>Invoice {i}</Ustrd></RmtInf>"
        "</TxDtls></NtryDtls></Ntry>\n"
        for i in range(count)
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr>'
        "<MsgId>M1</MsgId><CreDtTm>2026-11-24T09:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id>"
        f"<IBAN>{iban(draw)}</IBAN></Id></Acct>{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def fin(count: int) -> bytes:
    """MT103 messages."""
    return "".join(
        "{1:F01ROYCCAT2AXXX1234567890}{2:O1031200261124NDEAFIHHAXXX22221234562611241200N}{3:{121:"
        f"{i:08x}-0000-4abc-8def-0123456789ab}}}}{{4:\r\n:20:R{i}\r\n:23B:CRED\r\n:32A:261124EUR{i + 1},50"
        f"\r\n:50K:/FI2112345600000785\r\nACME {i}\r\n:59:/{i}\r\nBETA {i}\r\n:70:INVOICE {i}\r\n:71A:SHA"
        "\r\n-}\r\n"
        for i in range(count)
    ).encode()


def ours(data: bytes, fast: bool = True) -> int:
    """Rows of `payment` that our reader gives."""
    return sum(b.rows.num_rows for b in file.read(BytesIO(data), "x", fast) if _is_payment(b))


def _is_payment(piece: Any) -> bool:
    return isinstance(piece, Batch) and piece.kind.name == "payment"


def with_lxml(data: bytes, keep: list[Any] | None = None) -> int:
    """lxml: each `CdtTrfTxInf` when it is complete, its descendants walked once by paths of local names."""
    count = 0
    paths = _tree()
    for _, element in etree.iterparse(
        BytesIO(data), tag="{*}CdtTrfTxInf", resolve_entities=False, no_network=True
    ):
        row: list[str | None] = [None] * WIDTH
        _walk(element, paths, row)
        count += 1
        if keep is not None:
            keep.append(tuple(row))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def _tree() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, place in FIELDS.items():
        at = found
        *outer, last = path.split("/")
        for name in outer:
            at = at.setdefault(name, {})
        at[last] = place
    return found


def _walk(element: Any, paths: dict[str, Any], row: list[str | None]) -> None:
    for inner in element:
        what = paths.get(inner.tag.rpartition("}")[2])
        if what is None:
            continue
        if isinstance(what, int):
            row[what] = inner.text
            if what == 6:
                row[7] = inner.get("Ccy")
        else:
            _walk(inner, what, row)


def with_expat(data: bytes, keep: list[Any] | None = None) -> int:
    """expat: handlers of starts, ends and texts, which keep the path in the same tree."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    tree = _tree()
    stack: list[Any] = []
    texts: list[str] = []
    row: list[str | None] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row
        if stack:
            at = stack[-1]
            what = at.get(name) if type(at) is dict else None
            stack.append(what)
            if type(what) is int:
                texts.clear()
                if what == 6:
                    row[7] = attributes.get("Ccy")
        elif name == "CdtTrfTxInf":
            stack.append(tree)
            row = [None] * WIDTH

    def end(_: str) -> None:
        nonlocal count
        if stack:
            what = stack.pop()
            if type(what) is int:
                row[what] = "".join(texts)
            if not stack:
                count += 1
                if keep is not None:
                    keep.append(tuple(row))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = texts.append
    for at in range(0, len(data), 1 << 16):
        parser.Parse(data[at : at + (1 << 16)])
    parser.Parse(b"", True)
    return count


def equal(data: bytes) -> float:
    """Share of fields in which our rows say what the two peers do, who agree, or it is 0."""
    theirs: list[Any] = []
    others: list[Any] = []
    with_lxml(data, theirs)
    with_expat(data, others)
    if theirs != others:
        return 0.0
    pieces = [piece for piece in file.read(BytesIO(data), "x") if isinstance(piece, Batch)]
    mine = [row for piece in pieces if piece.kind.name == "payment" for row in piece.rows.to_pylist()]
    names = {
        row["report_key"]: row["name"] for p in pieces if p.kind.name == "party" for row in p.rows.to_pylist()
    }
    same = fields = 0
    for row, told in zip(mine, theirs, strict=True):
        key = f"uetr:{told[3]}"
        payee = f"account:iban:{told[21]}" if told[21] else f"account:cacpa.{told[18]}:{told[22]}"
        pairs = (
            (row["report_key"], key),
            (f"{row['amount']:f}", told[6]),
            (row["currency"], told[7]),
            (row["observed_at"].strftime("%Y-%m-%dT%H:%M:%SZ"), told[9]),
            (row["payer"], f"account:iban:{told[13]}"),
            (row["payee"], payee),
            (row["payer_bank"], told[15]),
            (row["payee_bank"], told[16]),
            (row["purpose"], told[23]),
            (row["memo"], told[24]),
            (names[f"{key}#payer"], told[10]),
            (names[f"{key}#payee"], told[19]),
        )
        same += sum(one == other for one, other in pairs)
        fields += len(pairs)
    return same / fields


def timed(runs: int, calls: dict[str, Callable[[], int]]) -> dict[str, tuple[int, float]]:
    """Transactions and median seconds of each; they take turns, and each is called before it is timed."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    found = {}
    for _ in range(runs):
        for name, call in calls.items():
            call()
            began = time.process_time()
            found[name] = call()
            seconds[name].append(time.process_time() - began)
    return {name: (found[name], median(taken)) for name, taken in seconds.items()}


def rows(name: str, data: bytes, found: dict[str, tuple[int, float]]) -> list[Row]:
    """Rates; ratios are of ours to each."""
    mine = found["watchfloor"][0] / found["watchfloor"][1]
    return [
        Row(name, reader, count, count / taken, mine / (count / taken), len(data) / taken / 1e6)
        for reader, (count, taken) in found.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev bench finance.decoding", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each; the median counts")
    parser.add_argument("--transactions", type=int, default=50_000, help="transactions of each input")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    options = parser.parse_args()
    count = options.transactions
    made: list[Row] = []
    for name, odd in (("pacs.008", 0), ("entities", 10)):
        data = pacs008(count, odd)
        calls = {
            "watchfloor": lambda data=data: ours(data),
            "lxml": lambda data=data: with_lxml(data),
            "expat": lambda data=data: with_expat(data),
        }
        if not odd:
            calls["ours, elements"] = lambda data=data: ours(data, False)
        made += rows(name, data, timed(options.runs, calls))
    camt, messages = camt054(count // 5), fin(count // 5)
    made += rows("camt.054", camt, timed(options.runs, {"watchfloor": lambda: ours(camt)}))

    def of_fin() -> int:
        return sum(b.rows.num_rows for b in mt103.read(BytesIO(messages), "x") if _is_payment(b))

    made += rows("MT103", messages, timed(options.runs, {"watchfloor": of_fin}))
    share = equal(pacs008(2_000, 10))
    if options.json:
        print(json.dumps({"equal": share, "rows": [row._asdict() for row in made]}, indent=1))
        return
    print(f"Python {platform.python_version()}, lxml {lxml.__version__}, {expat.EXPAT_VERSION}")
    print(f"{'data':10} {'reader':15} {'transactions':>12} {'tx/s':>10} {'MB/s':>7} {'ours is':>8}")
    for row in made:
        said = "" if row.reader == "watchfloor" else f"{row.ratio:7.1f}x"
        rate = f"{row.transactions:12,} {row.rate:10,.0f} {row.megabytes:7.1f}"
        print(f"{row.data:10} {row.reader:15} {rate} {said}")
    print(f"equal fields, of 12 a transaction: {100 * share:.3f} %")


if __name__ == "__main__":
    main()
