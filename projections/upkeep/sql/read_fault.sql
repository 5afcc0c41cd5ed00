SELECT position FROM projections.faults WHERE subscription = $1
