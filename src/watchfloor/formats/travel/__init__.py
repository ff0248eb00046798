"""Travel documents: machine-readable zones (ICAO Doc 9303), and carriers' lists of who travels.

`layouts` is the standard as data, `finding` finds zones in text, `mrz` verifies one and says what is wrong,
`columnar` verifies many. Nationality and sex are no part of any check, and are kept nowhere.
"""
