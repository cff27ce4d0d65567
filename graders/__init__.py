"""From a submission to its marks: ``grade.grade`` judges one, ``batch.grade_many.grade_many`` a class, for every front end."""
