"""bplib: backpropagation, derived and coded step by step.

`bplib.nn` is the reference library, `bplib.numeric` the second oracle, `bplib.data` the data,
`bplib.exercises` the exercise bank, `bplib.tutor` what a student's notebook calls.
"""
