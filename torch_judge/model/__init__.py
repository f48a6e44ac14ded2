"""What is judged and what is said: values, read strictly, of the standard library and, late, msgspec."""
