"""A cross-border seller's export folder, made from a seed, with the truth about it for tests."""
