"""What a task keeps, on its canvas: a whole photo, all of it but a region, or its subject. One file each."""
