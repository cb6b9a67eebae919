"""Several garments on one body: how large each photo is shown and where, what lies over what, and the composite."""
