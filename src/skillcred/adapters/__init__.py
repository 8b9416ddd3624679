"""The outside world: a folder for each technology, each behind a port of `services/ports.py`."""
