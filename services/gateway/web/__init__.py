"""The console: pages for people, made by the server; every action works without JavaScript."""
