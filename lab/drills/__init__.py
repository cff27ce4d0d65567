"""What the drills show: typed values computed from the learner's own deployment, and cards, for magics and verbs alike."""
