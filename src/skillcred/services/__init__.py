"""Use cases, one file and one verb each, and the ports they need. They know neither SQL nor HTTP."""
