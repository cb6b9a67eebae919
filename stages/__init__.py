"""What happens to pixels: typed functions over the records of `stages.contracts`."""
