"""UN/EDIFACT interchanges (ISO 9735) about goods: postal ITMATT, CUSITM, CUSRSP; manifests, CUSCAR.

`syntax` reads segments, `envelope` checks interchanges and messages, `groups` gives one consignment after
the other, `readers` collects what its segments say into `drafts`, `declared` and `answers` make rows. What is
read of which message, and from what it is known: `docs/cargo-edi.md`.
"""
