"""insight: customer-service conversations in, decisions out."""

__version__ = "0.1.0"
