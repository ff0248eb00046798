"""A simulated year of cargo under an inspection budget, to compare ways of choosing what to open.

    world -> a day of declarations, some hide something -> evidence -> a strategy picks -> outcomes of picks
      ^                                                                                         |
      +---- organisations react to what they lost ------ outcomes, days later, to the strategy -+

It proves nothing about a border: it compares strategies under stated assumptions (docs/cargo-year.md).
"""
