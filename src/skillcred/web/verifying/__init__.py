"""Verification beside the process that answers: processes that run the pure function, and how they are spoken to."""
