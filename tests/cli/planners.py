"""What commands that plan are called with: a small made-up hill, and a history of finds."""

import numpy as np
from tests.planning.towers.hills import write_grid, write_places

FULL = {
    ("sight",): [
        *(ON := ["--terrain", "{terrain}", "--sites", "{sites}", "--cells", "{cells}"]),
        "-o",
        "{new}.csv",
    ],
    ("plan", "detectors"): ["{finds}", "--teams", "2", "--season", "FY2021"],
    ("plan", "towers"): [*ON, "--count", "2", "-o", "{new}.geojson"],
}
"""What each is called with where there is something to print."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


def sited(home):
    """Files of terrain, sites and cells, by the names that `FULL` uses."""
    terrain, sites, cells = home / "hill.asc", home / "sites.csv", home / "cells.csv"
    across = np.linspace(-2, 2, 12)
    write_grid(terrain, 80 * np.exp(-(across[:, None] ** 2) - across**2))
    write_places(sites, "site", [(150, 150), (550, 550), (950, 950)])
    write_places(cells, "cell", [(x, y) for x in range(100, 1100, 200) for y in range(100, 1100, 200)])
    return {"terrain": terrain, "sites": sites, "cells": cells}


def recounted(home):
    """A history of finds, by the name that `FULL` uses."""
    path = home / "finds.csv"
    path.write_text("area,season,found\nEmerson,FY2019,4\nLacolle,FY2019,9\nLacolle,FY2020,1\n", "utf-8")
    return {"finds": path}
