"""The course: lessons in Markdown, the script that makes nbgrader notebooks of them, and those notebooks."""
