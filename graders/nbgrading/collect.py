"""nbgrader's collecting, without following a link: only what is used of a submission is taken over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from graders.nbgrading.submitted import MAX_NOTEBOOK_BYTES, TIMESTAMP
from lab_env.errors import SubmissionError
from lab_env.submission.directory import read_bytes


class CollectNotebooks(ExchangeCollect):  # type: ignore[misc]
    """Takes notebooks and the timestamp, as regular files.

    What lies in the exchange's inbound directory belongs to learners. nbgrader copies what a link there points at, with the
    instructor's rights: somebody else's submission, or the course's solution.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission; what is left out is named in the log."""
        source, target = Path(src), Path(dest)
        target.mkdir(parents=True)
        if source.is_symlink():
            self.log.warning("Left out: %s is a link", src)
            return
        for entry in sorted(os.scandir(source), key=lambda one: one.name):
            if not (entry.name.endswith(".ipynb") or entry.name == TIMESTAMP):
                self.log.info("Left out: %s", entry.path)
                continue
            try:
                # One byte past the limit: what is too large is still seen to be so, and refused by name.
                data = read_bytes(Path(entry.path), MAX_NOTEBOOK_BYTES + 1, shown=entry.name)
            except SubmissionError as error:
                self.log.warning("Left out: %s in %s", error, src)
                continue
            (target / entry.name).write_bytes(data)
        if self.coursedir.groupshared:
            self.set_perms(dest, fileperms=0o664, dirperms=0o2775)
