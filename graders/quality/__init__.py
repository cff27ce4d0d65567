"""Authors' tools: the rubric against its corpus and against mutants, and the pages that are written from it."""
