"""How well does a stage do on a file whose truth is known? The real stage runs, under the settings of a run.

A folder of its own because measures are an open set: add a file named for the stage, and a command that prints it.
"""
