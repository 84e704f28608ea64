"""What is open of one notification is found without looking at what is open of all others, which may be very much."""

from alembic import op

revision = "0008"
down_revision = "0007"
adds_only = True


def upgrade() -> None:
    op.create_index("notifications_to_tell", "notifications", ["tenant", "name", "status", "position"])


def downgrade() -> None:
    op.drop_index("notifications_to_tell", "notifications")
