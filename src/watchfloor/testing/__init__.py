"""The contracts of formats and desks, as tests that other distributions run over what they bring.

`pytest -p watchfloor.testing.plugin` runs them over every format and desk that an installed distribution
names in the entry point groups `watchfloor.formats` and `watchfloor.desks`; see docs/adding-a-format.md. It
wants pytest and hypothesis, which Watchfloor itself does not.
"""
