"""Alembic's environment, shared by all services: the connection and the version table come from migrations.py."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    # SQLite's DDL is transactional too, once the driver is told where transactions begin.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
