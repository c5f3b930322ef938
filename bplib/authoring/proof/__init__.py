"""The proof of the hidden tests: what they catch, what they let pass, and whom they wrong.

`proof` runs three experiments on every exercise of the bank:
- right implementations in many styles must keep all their points, over many seeds;
- every misconception of the catalog must lose some, and it is counted which family of cases sees it
  and which bug would escape if a family were dropped;
- every small change of the solutions (`mutants`) must lose some, unless it is listed, with the
  reason, as no change at all (equivalents.toml).
"""

from bplib.authoring.proof.run import proof

__all__ = ["proof"]
