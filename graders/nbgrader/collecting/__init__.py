"""``lab course collect``: takes submissions out of nbgrader's exchange or a platform's download, one by one."""
