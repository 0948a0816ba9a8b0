"""Room 6: engine layers into the plate, and nothing else touched."""
