"""Nodes for ComfyUI: what it cannot do by itself. Exact restore and proof, the cut, and the figure.

Link this folder into ComfyUI's `custom_nodes`, with onmodel installed in ComfyUI's Python:

    ln -s "$(python -c 'import pipeline.comfyui as nodes; print(nodes.__path__[0])')" ComfyUI/custom_nodes/onmodel

`Photo -> Cut -> Figure` gives the picture, mask, pose and depth that a diffusion model is shown; what it paints goes to
`Restore`, which puts the garment back bit for bit, and `Save`, which proves that on the written file.
"""

from pipeline.comfyui.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
