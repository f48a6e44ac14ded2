"""Prove a problem package against its own samples.

Entry points: `verify.verify_package`, `signing.sign`, `scaffold.lay_out`, `ledger.Ledger`.
"""
