"""Judge many answers, of a model or of a class: no record is lost, whatever pool judges."""
