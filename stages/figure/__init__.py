"""The figure: an adult body fitted into the garment, known as geometry to every stage after it."""
