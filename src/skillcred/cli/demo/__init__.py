"""The main job, end to end, on this machine: `skillcred demo`, and the registry that `skillcred serve --demo` shows."""
