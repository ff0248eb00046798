"""The disciplines of the cell: one folder each, each a pure fold over records.

A desk is described by `watchfloor.desks.base.Desk` and found by `watchfloor.desks.registry`. No desk imports
another; they meet in kinds. `docs/adding-a-desk.md` adds one in a page.
"""
