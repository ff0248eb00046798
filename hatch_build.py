"""Build hook of the wheel: it must hold the files of the console's map, which are not in the repository."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MapHook(BuildHookInterface):
    """Stops a wheel without the console's map; an editable installation may be without it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's interface
        """Raise where the files are missing."""
        if (
            version != "editable"
            and not (Path(self.root) / "src/watchfloor/console/static/maplibre/SHA512.txt").is_file()
        ):
            raise RuntimeError(
                "the console's map is missing from the package: run ./dev vendor, then build again"
            )
