"""Grade a class: what each student handed in is judged under one seed, and comes to points."""
