SELECT name, subscriptions, since FROM webhooks.endpoints
