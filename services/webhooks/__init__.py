"""Tells those who have no AMQP of events, by signed HTTP requests that are tried for a day."""
