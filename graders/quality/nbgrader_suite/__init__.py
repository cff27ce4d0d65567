"""nbgrader's own tests of its programs and its exchange, run on courses that have our configuration, as a page."""
