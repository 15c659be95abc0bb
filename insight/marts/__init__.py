"""The tables people decide by, one module per question: pure functions on facts, topics and threads.

To add one: a table in schema.py, a module here, a job that joins the two.
"""
