"""``from lab.notebook import demos``, as the course's cells say it: what they call is :mod:`lab.demos`."""

from lab.demos import *  # noqa: F403 - everything that a cell may call, whatever that is
