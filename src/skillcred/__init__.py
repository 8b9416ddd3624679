"""Skill credentials for people on the move."""
