"""Files that are made to hang a reader or to fill the memory, built here and nowhere fetched."""

import gzip
import json
import re
import struct
import zipfile
import zlib
from base64 import b64encode
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
from pyarrow import parquet
from tests.formats import workbooks
from tests.formats.samples import sample

from watchfloor.formats import redacted
from watchfloor.formats.sensors import capture
from watchfloor.formats.sensors.frames import REDACTED, pack


def nested_forms(levels, each=10, last=b"BT /T 9 Tf (x) Tj ET "):
    """A PDF of one page; each of its forms draws the next one `each` times; the last draws this."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</F 6 0 R>>>>>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for level in range(levels):
        draws = b"/F Do " * each if level < levels - 1 else last
        inner = b"<</XObject<</F %d 0 R>>/Font<</T 5 0 R>>>>" % (7 + level)
        about = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources%s/Length %d>>" % (inner, len(draws))
        objects.append(about + b"stream\n" + draws + b"\nendstream")
    out = BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def sparse_xlsx():
    """A workbook with two cells, the first and the very last."""
    body = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return with_sheet(f'<worksheet xmlns="{workbooks.MAIN}"><sheetData>{body}</sheetData></worksheet>')


def with_sheet(text):
    """A workbook whose one sheet is this XML."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbooks.xlsx(S=[["a"]]))) as book, zipfile.ZipFile(out, "w", 8) as made:
        for name in book.namelist():
            made.writestr(name, text if name.startswith("xl/worksheets/") else book.read(name))
    return out.getvalue()


def with_content(text):
    """An ODS whose content is this XML."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(workbooks.ods([["a"]]))) as book, zipfile.ZipFile(out, "w", 8) as made:
        for name in book.namelist():
            made.writestr(name, text if name == "content.xml" else book.read(name))
    return out.getvalue()


def endless_ods():
    """An ODS that breaks off between two rows, where its reader looks for the next one for ever."""
    with zipfile.ZipFile(BytesIO(workbooks.ods([["a", "b"], ["1", "2"]]))) as book:
        text = book.read("content.xml").decode()
    return with_content(text[: text.index("</table:table-row>") + 18])


def repeated_ods(rows, columns):
    """An ODS of one cell that says it stands in so many rows and columns."""
    with zipfile.ZipFile(BytesIO(workbooks.ods([["a"]]))) as book:
        text = book.read("content.xml").decode()
    text = text.replace("<table:table-row>", f'<table:table-row table:number-rows-repeated="{rows}">')
    many = f'<table:table-cell table:number-columns-repeated="{columns}"'
    return with_content(text.replace("<table:table-cell", many))


def claiming(data, size=0xFFFFFFF0):
    """A zip archive whose directory says that each member unpacks to so many bytes."""
    made, at = bytearray(data), 0
    while (at := made.find(b"PK\x01\x02", at)) >= 0:
        made[at + 24 : at + 28] = size.to_bytes(4, "little")
        at += 4
    return bytes(made)


def docx(text, parts=0):
    """A Word document whose body is this XML, with so many more parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", 8) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", text)
        for number in range(parts):
            made.writestr(f"word/header{number}.xml", "<hdr/>")
    return out.getvalue()


def laughs(data):
    """An XML file that begins with a document type of entities of entities, and calls the largest."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))
    declared = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]>".encode()
    body = data[data.index(b"?>") + 2 :] if data.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else data
    return declared + body.replace(b"</", b"&e11;</", 1)


def quadratic(data):
    """An XML file with one entity of 100 kB that is called 10,000 times."""
    declared = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e '" + b"a" * 100_000 + b"'>]>"
    body = data[data.index(b"?>") + 2 :] if data.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else data
    return declared + body.replace(b"</", b"&e;" * 10_000 + b"</", 1)


def deep_xml(data, levels=100_000):
    """An XML file with elements in elements."""
    return data.replace(b"</", b"<x>" * levels + b"</x>" * levels + b"</", 1)


SENT = "From: a@b.example\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n"


def mail(*parts, kind="multipart/mixed"):
    """A message of these parts."""
    head = f"{SENT}To: c@d.example\nMessage-ID: <1@b.example>\n"
    body = "".join(f"--q\n{part}\n" for part in parts)
    return f"{head}Subject: x\nMIME-Version: 1.0\nContent-Type: {kind}; boundary=q\n\n{body}--q--\n".encode()


def attached(data, name):
    """A part with a file."""
    text = b64encode(data).decode()
    return (
        f'Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{text}"
    )


def nested_mail(levels):
    """A message in a message, and so on."""
    text = f"{SENT}Message-ID: <1@b.example>\nSubject: x\n\nend"
    for level in range(levels):
        text = f"{SENT}Message-ID: <{level}@b.example>\nContent-Type: message/rfc822\n\n{text}"
    return text.encode()


def repeating_parquet(rows=60_000, size=50_000):
    """A Parquet file of detections that all have one long text, which it holds once."""
    out = BytesIO()
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * size]))
    zeros = pa.array([0.0] * rows)
    moments = pa.array([datetime(2026, 11, 24, tzinfo=UTC)] * rows)
    table = pa.table({"observed_at": moments, "latitude": zeros, "longitude": zeros, "sensor": texts})
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def packed_parquet():
    """A Parquet file whose texts unpack to 5,000 times their size."""
    out = BytesIO()
    table = pa.table(
        {"observed_at": ["x" * 1_000_000] * 150, "latitude": [0.0] * 150, "longitude": [0.0] * 150}
    )
    parquet.write_table(table, out, compression="zstd", use_dictionary=False)
    return out.getvalue()


def arrow_capture(packed):
    """A capture with rows of Arrow: compressed a thousandfold, or of absurd lengths."""
    size, text = (3_000_000, "x") if packed else (1, "x")
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd" if packed else None)
    table = pa.table({"locator": [text * 40] * size})
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    data = bytearray(sink.getvalue())
    if not packed:
        at = len(data) // 3
        data[at : at + 16] = b"\xff" * 16
    head = json.dumps(
        {"withheld": 1, "parts": [{"kind": "detection", "size": len(data)}], "wrong": []}
    ).encode()
    payload = struct.pack(redacted._SIZE.format, len(head)) + head + bytes(data)
    return b"".join(capture.write("", {}, [pack(REDACTED, 0, 0, 0, payload)]))


def in_dicom(levels):
    """A DICOM file with sequences in sequences, none of which ends."""
    item = b"\x10\x40\x11\x10SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    data = sample("dicos")
    return data[: data.index(b"\x10\x40\x11\x10SQ")] + item * levels


def _jcamp(old, new):
    data = sample("jcamp-dx")
    assert re.search(old, data, re.IGNORECASE | re.DOTALL)
    return re.sub(old, new, data, flags=re.IGNORECASE | re.DOTALL)


XML = ("un-consolidated", "ofac-xml", "justice-laws", "cargo-xml", "cot", "iso20022", "mzml", "cap", "n42")
XML += ("uk-sanctions-xml", "eu-fsf-xml", "ch-seco", "nibrs")
BOMBS = {
    **{f"pdf of forms {n} deep": ("report-pdf", lambda n=n: nested_forms(n)) for n in (6, 7, 8, 9)},
    "pdf of empty forms": ("report-pdf", lambda: nested_forms(9, last=b"")),
    "pdf of forms in a message": (
        "report-eml",
        lambda: mail("Content-Type: text/plain\n\nx", attached(nested_forms(8), "a.pdf")),
    ),
    "pdf with a length beyond its end": (
        "report-pdf",
        lambda: nested_forms(2).replace(b"/Length", b"/Length 99999999999 /X"),
    ),
    "ods without an end": ("mapping", endless_ods),
    "ods of repeated rows and columns": ("mapping", lambda: repeated_ods(1_048_576, 16_384)),
    "ods of repeats without number": ("mapping", lambda: repeated_ods("9" * 5000, 2)),
    "ods of laughs": ("mapping", lambda: with_content(laughs(b"<a></a>").decode())),
    "xlsx with its last cell": ("mapping", sparse_xlsx),
    "xlsx with an absurd dimension": (
        "mapping",
        lambda: with_sheet(
            f'<worksheet xmlns="{workbooks.MAIN}"><dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'
        ),
    ),
    "xlsx with a row without end": (
        "mapping",
        lambda: with_sheet(f'<worksheet xmlns="{workbooks.MAIN}"><sheetData>' + '<row r="1">' * 100_000),
    ),
    "xlsx that says it is huge": ("mapping", lambda: claiming(workbooks.xlsx(S=[["a"]]))),
    "docx that says it is huge": ("report-docx", lambda: claiming(docx("<document/>"))),
    "docx of 5,001 parts": ("report-docx", lambda: docx("<document/>", 5_001)),
    "docx of laughs": ("report-docx", lambda: docx(laughs(b"<document><p></p></document>"))),
    "docx of depth": ("report-docx", lambda: docx(deep_xml(b"<document><p></p></document>"))),
    "docx in a message": (
        "report-eml",
        lambda: mail("Content-Type: text/plain\n\nx", attached(claiming(docx("<document/>")), "a.docx")),
    ),
    **{f"laughs as {name}": (name, lambda name=name: laughs(sample(name))) for name in XML},
    **{f"one entity as {name}": (name, lambda name=name: quadratic(sample(name))) for name in XML},
    **{f"depth as {name}": (name, lambda name=name: deep_xml(sample(name))) for name in XML},
    "parquet of one text": ("detection-parquet", repeating_parquet),
    "parquet that unpacks": ("detection-parquet", packed_parquet),
    "parquet with an absurd footer": (
        "detection-parquet",
        lambda: sample("detection-parquet")[:-8] + b"\xff\xff\xff\x7fPAR1",
    ),
    "arrow that unpacks": ("capture", lambda: arrow_capture(packed=True)),
    "arrow of absurd lengths": ("capture", lambda: arrow_capture(packed=False)),
    "deep json as ftm": ("ftm", lambda: b'{"id":' * 100_000),
    "deep json as autoferry": ("autoferry-json", lambda: b"[" * 1_000_000),
    "deep json as sapient": ("sapient", lambda: b'{"timestamp":' * 100_000 + b"\n"),
    "a huge number as ftm": ("ftm", lambda: b'{"id":' + b"9" * 1_000_000 + b"}\n"),
    "a huge number as autoferry": ("autoferry-json", lambda: b"[" + b"9" * 1_000_000 + b"]"),
    "a huge exponent as autoferry": ("autoferry-json", lambda: b'[{"time":1e999999999}]'),
    "a line of 4 MB as a list": ("listing-csv", lambda: sample("listing-csv") + b"x" * (4 << 20)),
    "a cell without an end as a list": (
        "listing-csv",
        lambda: sample("listing-csv") + b'"' + b"x\n" * 100_000,
    ),
    "a line of 4 MB as AIS": ("ais-nmea", lambda: b"!AIVDM,1,1,,A," + b"1" * (4 << 20) + b",0*00\r\n"),
    "a message of 10,000 parts": ("report-eml", lambda: mail(*["Content-Type: text/plain\n\nx"] * 10_000)),
    "messages in messages": ("report-eml", lambda: nested_mail(2_000)),
    "dicom without an end": ("dicos", lambda: in_dicom(20_000)),
    "dicom of elements without end": (
        "dicos",
        lambda: sample("dicos") + b"\x77\x77\x01\x00LO\x02\x00x " * 100_001,
    ),
    "mzml of an absurd count": (
        "mzml",
        lambda: re.sub(rb'encodedLength="\d+"', b'encodedLength="99999999999"', sample("mzml")).replace(
            b"</binary>", b"!</binary>", 1
        ),
    ),
    "spc of an absurd count": ("spc", lambda: sample("spc")[:4] + b"\xff\xff\xff\x7f" + sample("spc")[8:]),
    "jcamp of an absurd count": (
        "jcamp-dx",
        lambda: _jcamp(rb"(##XY)", rb"##NPOINTS= 999999999999\n\g<1>"),
    ),
    "jcamp of one repeated difference": (
        "jcamp-dx",
        lambda: _jcamp(rb"##XYDATA.*##END", b"##XYDATA= (X++(Y..Y))\n1A" + b"Js" + b"9" * 12 + b"\n##END"),
    ),
    "msp of an absurd count": (
        "msp",
        lambda: re.sub(rb"(?i)(num\s*peaks\s*:)\s*\d+", rb"\g<1> 999999999999", sample("msp")),
    ),
    "klv of an absurd length": (
        "klv",
        lambda: sample("klv")[:16] + b"\x88" + b"\xff" * 8 + sample("klv")[17:],
    ),
    "asterix of no length": ("asterix", lambda: b"\x30\x00\x00" * 1_000),
    "asterix of an absurd length": ("asterix", lambda: b"\x30\xff\xff\x00"),
    "sapient of an absurd length": ("sapient", lambda: b"\xff\xff\xff\xff" + sample("sapient")[4:]),
    "edifact of 100,000 segments": ("edifact", lambda: b"UNA:+.? '" + b"RFF+X:1'" * 100_000),
    "edifact of one segment": ("edifact", lambda: b"UNA:+.? '" + b"UNB" + b"+X" * 500_000),
    "x12 without an end": ("x12-309", lambda: sample("x12-309")[:110] + b"*X" * 200_000),
    "cargo-imp of one line": ("cargo-imp", lambda: b"FWB/16\r\n" + b"x" * 1_000_000),
    "mt103 without an end": ("mt103", lambda: sample("mt103")[:-3] + b":70:" + b"x\r\n" * 200_000),
}
"""By what they are, the format that is to read each, and what makes it."""


def zeros(mib, byte=b"\0"):
    """So many MiB of one byte as gzip: a thousandth of that."""
    return gzip.compress(byte * (mib << 20), 9)


def overlapping(names, content):
    """A zip whose members all stand for the same bytes: their sum is as large as one likes."""
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = made.compress(content) + made.flush()
    sizes = (zlib.crc32(content), len(data), len(content))
    first = names[0]
    body = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, *sizes, len(first), 0) + first + data
    listed = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 33, *sizes, len(name), *[0] * 6) + name
        for name in names
    )
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(names), len(names), len(listed), len(body), 0)
    return body + listed + end


def archive(members):
    """A zip of these members."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", 8) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


ARCHIVES = {
    "gzip of zeros": ("a.csv.gz", lambda: zeros(64)),
    "gzip of blank lines behind a header": (
        "a.csv.gz",
        lambda: gzip.compress(sample("listing-csv") + b"\n" * (64 << 20), 9),
    ),
    "gzip in gzip": ("a.csv.gz.gz", lambda: gzip.compress(zeros(64), 9)),
    "zip of many members of blank lines": (
        "a.zip",
        lambda: archive({f"{n}.csv": sample("listing-csv") + b"\n" * (1 << 20) for n in range(10)}),
    ),
    "zip of members in one another": (
        "a.zip",
        lambda: overlapping([b"1.csv", b"1.csv"], sample("listing-csv")),
    ),
    "zip of overlapping members": (
        "a.zip",
        lambda: overlapping([b"%d.csv" % n for n in range(200)], b"\0" * (1 << 20)),
    ),
    "zip of one member many times": (
        "a.zip",
        lambda: overlapping([b"a.csv"] * 200, sample("listing-csv") + b"\n" * (1 << 20)),
    ),
}
"""By what they are, a file's name and what makes it."""
