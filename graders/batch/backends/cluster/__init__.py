"""Grading on more than one machine, on Dask distributed: submissions go out as bytes, verdicts come back as JSON.

:func:`connect_cluster` is the way in. What runs on a worker is :mod:`graders.batch.backends.cluster.worker`; Dask itself is
imported only when a cluster is used (the extra ``secrets-lab[cluster]``).
"""

from graders.batch.backends.cluster.client import Cluster, connect_cluster
from graders.batch.backends.cluster.errors import ClusterError, LostSubmissionError

__all__ = ["Cluster", "ClusterError", "LostSubmissionError", "connect_cluster"]
