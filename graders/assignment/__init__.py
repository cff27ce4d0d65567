"""What an instructor asks for in place of the standard lesson: names, windows and tags, one set for all or one for each learner."""

from graders.assignment.model import Assignment, OwnPackage, Rules, UnlistedError
from graders.assignment.reading import FILE, read_assignment

__all__ = ["FILE", "Assignment", "OwnPackage", "Rules", "UnlistedError", "read_assignment"]
