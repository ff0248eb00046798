"""Statutes in the form of Justice Laws, small enough to change by hand."""

import io

from watchfloor.reference.law.provisions import parse


def element(name, fid, label, text="", inner="", since="2010-05-01"):
    """A provision of a level, `Section` or below."""
    day = f'lims:inforce-start-date="{since}"' if since else 'in-force="no"'
    words = f"<Text>{text}</Text>" if text else ""
    return f'<{name} {day} lims:fid="{fid}"><Label>{label}</Label>{words}{inner}</{name}>'


IN_CUSTOMS = "named in the <XRefExternal>Customs Act</XRefExternal>."
PARAGRAPHS = [
    element("Paragraph", 3, "(a)", "a peace officer; or", since="2012-01-01"),
    element(
        "Paragraph",
        4,
        "(b)",
        "an institution, if it is",
        element("Subparagraph", 5, "(i)", "federal, or") + element("Subparagraph", 6, "(ii)", IN_CUSTOMS),
    ),
]
SUBSECTIONS = [
    element("Subsection", 2, "(1)", "The Minister may disclose information to", "".join(PARAGRAPHS)),
    element("Subsection", 7, "(2)", "[<Repealed>Repealed, 2015, c. 1, s. 2</Repealed>]", since="2015-01-01"),
]
BODY = element("Section", 1, "7", inner="<MarginalNote>Sharing</MarginalNote>" + "".join(SUBSECTIONS))
BODY += element("Section", 8, "<FootnoteRef>*</FootnoteRef>8", "To come.", since="")

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><Statute lims:pit-date="{first}" lims:current-date="{last}" '
    'lims:inforce-start-date="2001-01-01" xml:lang="{lang}" xmlns:lims="http://justice.gc.ca/lims">'
    "<Identification><ShortTitle>Specimen Act</ShortTitle><Chapter><ConsolidatedNumber>{number}"
    "</ConsolidatedNumber></Chapter></Identification><Body>"
)
TAIL = f'</Body><Schedule id="NifProvs">{element("Section", 9, "9", "Pending.")}</Schedule></Statute>'


def statute(body=BODY, *, number="S-0.1", lang="en", first="2020-01-01", last="2020-06-30"):
    """The bytes of a file."""
    return (HEAD.format(number=number, lang=lang, first=first, last=last) + body + TAIL).encode()


def parsed(body=BODY, **more):
    return parse(io.BytesIO(statute(body, **more)), "specimen.xml")
