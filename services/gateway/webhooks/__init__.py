"""The webhooks as an operator has them: who is told of which events, and what could not be told."""
