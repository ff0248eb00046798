"""The travel desk: organised fraud in linked applications; no lead is about an applicant or a traveller."""
