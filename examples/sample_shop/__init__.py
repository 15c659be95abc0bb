"""A cross-border seller's export folder, made from a seed: what `make run` reads, and what tests know the truth about."""
