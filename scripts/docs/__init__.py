"""What the documentation site shows that is not written by hand."""
