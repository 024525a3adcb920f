"""One module per real set whose layout the demo data take.

Each has ``FOLDER`` (its name under the data root) and ``write(request, run)``.
"""

from demo.layouts import (
    fewshot,
    hybrid,
    modelnet,
    openshape,
    s3dis,
    scanobjectnn,
    shapenet55,
    shapenetpart,
)

LAYOUTS = {
    'shapenet55': shapenet55,
    'scanobjectnn': scanobjectnn,
    'modelnet': modelnet,
    'fewshot': fewshot,
    'shapenetpart': shapenetpart,
    's3dis': s3dis,
    'openshape': openshape,
    'hybrid': hybrid,
}

__all__ = ['LAYOUTS']
