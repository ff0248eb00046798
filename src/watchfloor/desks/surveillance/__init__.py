"""The surveillance desk: tracks of what sensors report, and the events worth an officer's eye."""
