"""Formats of cargo and mail: EDIFACT, X12, Cargo-IMP, Cargo-XML, waybills, tables of declarations."""
