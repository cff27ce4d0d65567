"""``%terraform``: runs it on the workspace and shows what it plans and does."""
