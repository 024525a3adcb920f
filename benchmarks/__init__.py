"""What is measured, how, and against what. Run from the root of the repository."""
