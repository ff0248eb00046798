"""ANSI X12: 309, Customs Manifest, as carriers send it to customs of Canada and of the United States.

`envelope` checks interchanges, groups and transaction sets, `bills` collects what stands of each bill,
`declared` makes rows. What is read, and from what it is known: `docs/cargo-edi.md`.
"""
