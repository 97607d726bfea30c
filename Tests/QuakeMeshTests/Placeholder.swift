// Laid out in README.md.
