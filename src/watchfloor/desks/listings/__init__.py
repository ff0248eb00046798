"""The listings desk: names on the floor against official lists."""
