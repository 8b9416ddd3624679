"""What every request passes through, in plain ASGI, outermost first: requests, security_headers, body_limit."""
