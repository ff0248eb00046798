"""Air waybills, house waybills and flight manifests as facts, whichever way they were written, and as rows.

`cargo_imp` and `cargo_xml` read the two families of IATA's messages into `facts`; `rows` makes records of
them. So a waybill gives the same rows in either family.
"""
