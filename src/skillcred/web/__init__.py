"""Where HTTP comes in: our interface for programs (`api/`), the pages for people (`pages/`), and `problems.py`, the only
place that knows HTTP statuses."""
