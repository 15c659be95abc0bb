"""Where Alembic begins: the connection is the ledger's, already inside the transaction that keeps others out.

It sets up no logging, for that would silence whoever called.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
