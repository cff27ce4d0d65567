"""Results for platforms that run graders: one file a submission, in each platform's own format.

What a learner wrote is shown as text there, whatever the platform makes of text; a submission without a score has no file, so that
nobody takes a fault of the grader for a mark.
"""
