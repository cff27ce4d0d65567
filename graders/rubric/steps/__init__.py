"""The requirements, a module a step of the lesson: each declares its ids, points and checks."""
