"""A judge that others reach: users, a queue that survives kills, an API over HTTP, and the client of it."""
