"""UN/EDIFACT interchanges (ISO 9735) about goods: postal ITMATT, CUSITM, CUSRSP; manifests, CUSCAR.

`cut` finds segments in bytes, `syntax` reads them, `envelope` checks interchanges and messages, `groups`
gives one consignment after the other, `drafts` collects what its segments say, `declared` and `answers` make
rows. What is read of which message, and from what it is known: `docs/cargo-edi.md`.
"""
