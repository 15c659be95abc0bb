"""The batch jobs: one file each, a pure function between declared tables.

A job module states in its docstring the question it answers, in READS and WRITES its tables, and in `work` the way from
one to the other. Order, progress, freshness and the picture of the river are derived from that by insight/plan.py.
"""
