"""Room 9: what leaves the house: EXR, movies, contact sheets, OTIO, USD, the report."""
