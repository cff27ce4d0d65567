"""The course's grading inside nbgrader: nothing of a submission is run, and what is graded is what `lab grade` reads.

::

    release/ (trusted) ─┐
                        ├─► Reconstruct ─► autograded/ ─► GradeOutOfProcess ─► SaveAutoGrades ─► SaveRemarks
    submitted/ (text) ──┘                                     │  ▲
                                         `lab grade`, once ◄──┘  └── .lab/marks/ (kept verdicts)

nbgrader's own scoring fails open: no output, a word or a negative number earn all points. So a check cell gets exactly one
output here, a number that the batch grader gave, and where there is no number nothing is saved and nbgrader is told.

nbgrader and nbconvert are imported by the modules that plug into them only (``preprocessors``, ``exporter``, ``converting``,
``highlighting``, ``collect``, ``export``, ``gradebook``, and what asks the gradebook); the rest knows notebooks as data.
"""
