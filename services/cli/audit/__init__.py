"""`storky audit`: what happened, shown, searched, compared, exported and verified."""
