"""Data Integrity: embedded proofs, one file per cryptosuite, named as registered."""
