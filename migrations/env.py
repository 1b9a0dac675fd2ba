"""Runs the migrations as the owner of the tables, on the connection that `assay migrate` opened."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    connection.execute(text("set local lock_timeout = '5s'"))
    context.run_migrations()
