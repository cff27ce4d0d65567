"""nbgrader's configuration of this course. `lab course new` copies it; every setting may be changed in the copy.

What keeps marks honest is in the part on autograding: leave it as it is. It is about the lesson alone: another assignment of this
course directory is released, collected, run and graded by nbgrader itself.
"""

from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades

from graders.nbgrader import plugin as lab

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to configuration files

# The course. The exchange's directory is named after the id.
c.CourseDirectory.course_id = "secrets-lab"
c.CourseDirectory.root = str(Path(__file__).parent)

# Formgrader shows names as text, never as a page's own code.
lab.escape_in_formgrader()

# Autograding: of a submission only text is used, which `lab grade`'s reader reads, and nothing of it is run. The cells' metadata
# are the release's, which nbgrader checked when it made it; checking them again would take half of the time.
lab.find_every_submission()
c.Autograde.exporter_class = lab.UnopenedExporter
c.Autograde.sanitize_preprocessors = [lab.Reconstruct]
c.Autograde.autograde_preprocessors = [lab.GradeOutOfProcess, SaveAutoGrades, lab.SaveRemarks, AssignLatePenalties]
c.Autograde.pre_convert_hook = lab.with_missing
c.ExchangeFactory.collect = lab.CollectNotebooks
c.ExchangeFactory.release_feedback = lab.ReleaseFeedback
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    ".lab",
    *lab.unused_files(Path(__file__).parent),
]

# How the batch grader is called: static reads the files, plan plans them too, full deploys them and runs the drills.
c.GradeOutOfProcess.depth = "full"
c.GradeOutOfProcess.engine = "embedded"

# Releasing: what stands for an answer in HCL is an HCL comment, and what assignment.toml beside the source notebooks asks for
# stands in the text.
c.GenerateAssignment.preprocessors = lab.release_steps()

# Feedback: a small page of each notebook, with marks, answers, checklists and comments; of the lesson its headings, or all of it.
# Other assignments have nbgrader's own pages.
c.GenerateFeedback.exporter_class = lab.FeedbackPages
c.GenerateFeedback.preprocessors = []
c.FeedbackPages.lesson = False

# Formgrader shows the answers in HCL's colours.
c.HTMLExporter.filters = {"highlight_code": lab.highlight_code}

# Exporting: `nbgrader export` writes a status beside each mark, and no number where there is none.
c.ExportApp.plugin_class = lab.StatusExport
