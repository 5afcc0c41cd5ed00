UPDATE webhooks.deliveries SET due_at = now() WHERE endpoint = $1 AND parked_at IS NULL AND due_at > now()
