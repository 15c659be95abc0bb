"""Row-level truths: what happened in a conversation or to an order. The hard thinking sits here, KPIs are plain sums.

Each module holds a few pure functions on frames, written in expressions that every engine runs; what is about messages
and their neighbours works on whole columns instead (spoken.py), the same for every engine. To add a fact: add a
function that returns one row per conversation or order, name its column in schema.py, and join it in the job.
"""
