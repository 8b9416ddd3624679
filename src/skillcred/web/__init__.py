"""Where HTTP comes in: `api/` for programs, `pages/` for people, and `problems.py`, the only place that knows
HTTP statuses."""
