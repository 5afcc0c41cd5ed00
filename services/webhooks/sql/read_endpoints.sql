-- Whoever removes one waits until its deliveries are written.
SELECT name, subscriptions, since FROM webhooks.endpoints FOR KEY SHARE
