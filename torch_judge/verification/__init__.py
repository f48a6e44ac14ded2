"""Prove a problem package against its own samples: `verify.verify_package`; `signing.sign` writes its signatures."""
