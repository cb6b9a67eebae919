"""The conductor: reads options, loads models once, runs the stages in order, writes the files."""
