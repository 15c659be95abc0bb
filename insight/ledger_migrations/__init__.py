"""How the database of what people write came to its shape, step by step; Alembic runs these from the package."""
