"""Which submissions of a class are suspiciously alike: a reason to look and to talk, never a proof."""

from graders.similarity.comparison import THRESHOLD, compare
from graders.similarity.loading import course_files, load_class
from graders.similarity.model import Cluster, Fragment, Pair, Region, SharedWord, Similarity

__all__ = [
    "THRESHOLD",
    "Cluster",
    "Fragment",
    "Pair",
    "Region",
    "SharedWord",
    "Similarity",
    "compare",
    "course_files",
    "load_class",
]
