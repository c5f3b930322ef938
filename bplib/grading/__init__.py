"""Grading: what an instructor runs on submissions. Students do not have this package."""
