"""The surveillance desk: tracks of what sensors report, and the events worth an officer's eye."""

from typing import TYPE_CHECKING

from watchfloor.core.lazy import lazily

if TYPE_CHECKING:
    from watchfloor.desks.surveillance.recording import track as track
    from watchfloor.desks.surveillance.tracking import Config as Config
    from watchfloor.desks.surveillance.tracking import Reports as Reports
    from watchfloor.desks.surveillance.tracking import Tracker as Tracker

__all__ = ["Config", "Reports", "Tracker", "track"]

__getattr__ = lazily(__name__, Config="tracking", Reports="tracking", Tracker="tracking", track="recording")
