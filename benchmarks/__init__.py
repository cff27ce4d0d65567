"""What the lab costs in seconds and megabytes: ``python -m benchmarks``, one module a measurement.

Nothing here asserts a time: a figure stands beside its target and says ``ok`` or ``over``. Each measurement runs in a
process and on an engine of its own, so that none warms another up.
"""
