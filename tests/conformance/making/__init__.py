"""Writes the case directories: the documents, how they are attacked, and what must be found.

`python tests/conformance/make_cases.py [name…]` writes those cases that are not there yet; named ones are written anew.
What is expected stands in the makers and is never taken from what the product says.
"""
