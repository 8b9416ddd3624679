"""What every request passes through, in plain ASGI, outermost first: requests, body_limit."""
