"""Makes what runs equal to what the durable state says shall run."""
