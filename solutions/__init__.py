"""The corpus: right solutions, mistakes and attacks, each with the verdict that was written down before."""
