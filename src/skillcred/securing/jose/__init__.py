"""JOSE: compact JSON Web Signatures, read strictly, and the credentials and presentations inside them."""
