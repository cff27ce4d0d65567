"""nbgrader's configuration of this course. `lab course new` copies it; every setting may be changed in the copy.

What keeps marks honest is in the part on autograding: leave it as it is.
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

# Autograding: of a submission only the text of answers is used, and nothing of it is run. The cells' metadata are the
# release's, which nbgrader checked when it made it; checking them again would take half of the time.
c.Autograde.exporter_class = lab.UnopenedExporter
c.Autograde.sanitize_preprocessors = [lab.Reconstruct]
c.Autograde.autograde_preprocessors = [lab.GradeOutOfProcess, SaveAutoGrades, lab.SaveRemarks, AssignLatePenalties]
c.Autograde.pre_convert_hook = lab.with_missing
c.ExchangeFactory.collect = lab.CollectNotebooks
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

# Releasing: answers are HCL, so what stands for them is an HCL comment.
c.ClearSolutions.code_stub = {"python": lab.HCL_STUB}

# Feedback: a small page of each notebook, with marks, answers, checklists and comments; of the lesson its headings, or all of it.
c.GenerateFeedback.exporter_class = lab.FeedbackPages
c.GenerateFeedback.preprocessors = []
c.FeedbackPages.lesson = False

# Formgrader shows the answers in HCL's colours.
c.HighlightMagicsPreprocessor.enabled = True
c.HighlightMagicsPreprocessor.languages = {"%%hcl": "terraform"}

# Exporting: `nbgrader export` writes a status beside each mark, and no number where there is none.
c.ExportApp.plugin_class = lab.StatusExport
