"""The API and the pages: everything that people and programs see of the published file."""
