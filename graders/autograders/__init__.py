"""What makes a platform grade by itself: Gradescope's zip, a workflow for GitHub, PrairieLearn's image, Classroom 50's script.

Each installs one version of the lab, grades what was handed in with ``lab grade`` and hands on what ``lab export`` makes of it.
They are written here and run there; nothing of them is used by the lab.
"""
