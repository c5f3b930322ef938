"""The exercise bank: cases, reference, numerical oracle and misconceptions of every exercise.

Students do not have this package. Everything about a graded function is declared here, once.
"""
