-- Of the live build, and of the one that is being filled.
DELETE FROM projections.faults WHERE subscription = $1 OR starts_with(subscription, $1 || '/') RETURNING subscription
