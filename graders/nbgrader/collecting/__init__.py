"""``lab course collect``: takes submissions out of nbgrader's exchange, one by one, whatever lies there."""
