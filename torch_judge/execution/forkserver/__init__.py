"""The warm server: `program` is what runs, `client` is the hold that others have on it."""
