"""A class: whose answers count, what they come to, and what is written of them."""
