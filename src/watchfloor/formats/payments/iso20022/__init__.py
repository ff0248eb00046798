"""Payment messages of ISO 20022 in XML: pacs.008, pacs.009, pain.001, camt.053, camt.054.

`slots` says which elements are taken, `scan` finds them in bytes, `tree` in elements; `stream` reads a
file by both, `raw` holds what was found as columns of text, `payments` and `parties` make rows of it,
`file` is the format. Sources: the message definition reports of ISO 20022 (business areas pacs, pain,
camt).
"""
