"""`watchfloor custody report`…: papers about exhibits."""

import typer


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
