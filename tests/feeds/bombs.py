"""Files that are made to hang a reader or to fill the memory, built here and nowhere fetched."""

import zipfile
from io import BytesIO

from tests.formats import workbooks


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
