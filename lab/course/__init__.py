"""A term with nbgrader, from the course directory to the marks: thin calls of nbgrader's own API, in one process."""
