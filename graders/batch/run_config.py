"""How submissions are graded: one value, made where a run begins and handed to everybody who takes part in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from graders.assignment import Assignment, OwnPackage, Rules
from graders.model import Depth, Frozen
from lab_env import settings
from lab_env.settings import SandboxSetting


class RunConfig(Frozen):
    """The settings of a run. A child process and a cluster's workers get it as JSON."""

    depth: Depth = Field(default=Depth.FULL, description="How far to go: `static`, `plan` or `full` (`--depth`).")
    engine: str = Field(
        default=settings.ENGINE.default,
        description="Where AWS is: `embedded`, `localstack`, or a URL (`--engine`, `LAB_ENGINE`).",
    )
    jobs: int | None = Field(
        default=None, description="Submissions at a time (`--jobs`); none: as many as cores and free memory carry."
    )
    plain: bool = Field(default=False, description="Terraform's plain path, without warm lanes (`--plain`).")
    sandbox: SandboxSetting | None = Field(
        default=None,
        description="The sandbox that the run asks for (`LAB_SANDBOX`); none: what it says where Terraform runs.",
    )
    cluster: str | None = Field(
        default=None, description="A Dask scheduler's address, whose workers grade (`--cluster`); none: this machine."
    )
    cache: bool = Field(
        default=False,
        description="Read unchanged submissions back and keep what is found; `lab grade` does, but for `--no-cache`.",
    )

    assignment: Assignment | None = Field(
        default=None,
        description="What is asked for in place of the standard lesson (`--assignment`, [assignment.md](assignment.md)).",
    )

    def rules(self, id: str) -> Rules:
        """What the submission with this id is graded by.

        :raises UnlistedError: each learner has values of their own, and this one has none.
        """
        return self.assignment.rules(id) if self.assignment is not None else Rules()

    @property
    def packages(self) -> tuple[OwnPackage, ...]:
        """Those that add requirements to the rubric's."""
        return self.assignment.packages if self.assignment is not None else ()

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> Self:
        """A run's settings, from what was given for it and, where nothing was, the environment.

        :param given: fields by name, from flags or a course's file; None leaves one out.
        :raises UsageError: a variable has none of its values.
        """
        found = {"engine": settings.ENGINE.read(environ), "sandbox": settings.SANDBOX.read(environ)}
        return cls(**(found | {name: value for name, value in given.items() if value is not None}))

    def for_worker(self) -> Self:
        """What decides how a worker of a cluster grades one submission: runs that agree on it share a backend."""
        assignment = self.assignment.for_worker() if self.assignment is not None else None
        return self.model_copy(update={"jobs": None, "cluster": None, "cache": False, "assignment": assignment})
