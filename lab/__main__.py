"""``python -m lab``: the console script where it is not on PATH."""

from lab.cli import main

main()
