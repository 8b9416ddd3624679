"""What credentials are (VCDM 2.0) and what checks say about them: documents, outcomes, problems."""
