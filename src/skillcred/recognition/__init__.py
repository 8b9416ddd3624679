"""What a qualification is worth in another country: agreements, frameworks, procedures, and the reasons."""
