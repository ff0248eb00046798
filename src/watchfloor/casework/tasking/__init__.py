"""Tasks for units: who is asked, under which law, and what lies near."""
