"""The index beside the catalogue: one SQLite file, derived, that may be deleted at any time.

`columns` says what of each kind is indexed, `places` turns places into rectangles, `bodies` keeps a row as
bytes, `file` is the file itself, `filling` brings rows in and takes them out, `current` makes sure that
nothing is missing before somebody asks, `following` does so for a writer, `search` and `asking` answer, and
`checking` compares it with the evidence.
"""
