"""Pages for people: rendered on the server, usable without JavaScript, nothing loaded from elsewhere."""
