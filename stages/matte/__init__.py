"""From an outline to a matte at photo size: what the edge band covers, and the colour of what it covers."""
