"""How each trained file of models/ is made again: one module each, `python -m recipes.NAME`."""
