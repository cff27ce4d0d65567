"""What the drill magics show: typed values computed from the learner's own deployment, and cards that show them."""
