"""The code of the attacks, a module per kind.

`TEXT` holds blocks that begin with `# %% name` or `# %% name | needs: condition`. A block is run
with the names of `Stage.context` and of `run_trial`, and sets `won` if it got what it was after.
"""
