"""Why an instance or a roster is refused."""

from typing import Final

from watchfloor.core.messages import declare

NO_SECTION: Final = declare("rosters.no-section", "file", "name")
NO_NUMBER: Final = declare("rosters.no-number", "file", "value")
NO_NAME: Final = declare("rosters.no-name", "file", "name")
OUTSIDE: Final = declare("rosters.outside", "file", "name", "value")
TOO_MANY: Final = declare("rosters.too-many", "clauses")
UNREADABLE: Final = declare("rosters.unreadable", "file")
NO_FORMAT: Final = declare("rosters.no-format", "file")
