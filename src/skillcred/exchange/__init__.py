"""The protocols by which credentials move, as pure messages and decisions: no endpoints, clock or storage."""
