"""A mypy plugin that knows which numbers the arrays hold that OpenCV's functions return.

OpenCV's stubs say "integers or floats" of every array. Most filters keep the type of their source, and most
other functions always return the same one; the tables below say which, and tests/scripts/test_opencv_types.py holds
them against the library itself.
"""

from collections.abc import Callable, Iterator
from itertools import repeat

from mypy.nodes import Expression, IntExpr, MemberExpr, TypeAlias, TypeInfo, UnaryExpr
from mypy.plugin import FunctionContext, Plugin
from mypy.typeops import make_simplified_union
from mypy.types import (
    AnyType,
    Instance,
    NoneType,
    TupleType,
    Type,
    TypeOfAny,
    UnionType,
    flatten_nested_unions,
    get_proper_type,
)

#: Functions whose arrays have the type of their first argument.
KEEPS = frozenset({
    "GaussianBlur", "absdiff", "addWeighted", "bilateralFilter", "blur", "copyMakeBorder", "copyTo", "cvtColor",
    "dilate", "divide", "erode", "flip", "invertAffineTransform", "magnitude", "medianBlur", "morphologyEx", "multiply",
    "remap", "resize", "split", "warpAffine",
})  # fmt: skip
#: Functions whose second argument names the type; -1 is that of the first.
NAMED = frozenset({"Laplacian", "Scharr", "Sobel", "boxFilter", "filter2D", "sepFilter2D"})
DEPTHS = {"CV_8U": "uint8", "CV_16U": "uint16", "CV_16S": "int16", "CV_32F": "float32", "CV_64F": "float64"}
#: Functions whose arrays have these types, whatever they are made from; "Any" is not known before it runs.
GIVES = {
    "connectedComponents": ("int32",),
    "connectedComponentsWithStats": ("int32", "int32", "float64"),
    "convertScaleAbs": ("uint8",),
    "distanceTransform": ("float32",),
    "distanceTransformWithLabels": ("float32", "int32"),
    "findContours": ("int32", "int32"),
    "getRotationMatrix2D": ("float64",),
    "getStructuringElement": ("uint8",),
    "imdecode": ("Any",),
    "imencode": ("uint8",),
    "imread": ("Any",),
    "matchTemplate": ("float32",),
    "merge": ("Any",),
}
_ARRAYS = {"numpy.ndarray", "cv2.Mat", "cv2.mat_wrapper.Mat"}


class OpenCV(Plugin):
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        module, _, name = fullname.rpartition(".")
        if module != "cv2":
            return None
        if name in KEEPS:
            return self._keeps
        if name in NAMED:
            return self._named
        if name in GIVES:
            return lambda context: self._gives(context, GIVES[name])
        return None

    def _keeps(self, context: FunctionContext) -> Type:
        # Where a call stands as the argument, mypy may take from the stub what it looks for: then it is asked anew.
        own = self._own(context, context.arg_types[0][0])
        own = own or self._own(context, context.api.get_expression_type(context.args[0][0]))
        return context.default_return_type if own is None else _filled(context.default_return_type, repeat(own))

    def _named(self, context: FunctionContext) -> Type:
        depth = context.args[1][0]
        if _is_minus_one(depth):
            return self._keeps(context)
        if isinstance(depth, MemberExpr) and depth.name in DEPTHS:
            return self._gives(context, (DEPTHS[depth.name],))
        return context.default_return_type

    def _gives(self, context: FunctionContext, names: tuple[str, ...]) -> Type:
        arrays = (_array(context, self._scalar(name)) for name in names)
        return _filled(context.default_return_type, arrays)

    def _own(self, context: FunctionContext, of: Type) -> Type | None:
        """Returns arrays of any shape with the numbers of the given one; None for what is no array."""
        given = get_proper_type(of)
        if isinstance(given, AnyType):
            return _array(context, given)
        if isinstance(given, UnionType):
            each = [self._own(context, item) for item in given.items]
            known = [item for item in each if item is not None]
            return make_simplified_union(known) if len(known) == len(each) else None
        if not isinstance(given, Instance) or given.type.fullname != "numpy.ndarray":
            return None
        dtype = get_proper_type(given.args[1])
        scalar = get_proper_type(dtype.args[0]) if isinstance(dtype, Instance) else dtype
        return None if isinstance(scalar, UnionType) else _array(context, scalar)

    def _scalar(self, name: str) -> Type:
        """Returns NumPy's type of that name, which some releases have as a class and others as an alias of one."""
        found = self.lookup_fully_qualified(f"numpy.{name}") if name != "Any" else None
        if found is not None and isinstance(found.node, TypeAlias):
            return found.node.target
        if found is not None and isinstance(found.node, TypeInfo):
            return Instance(found.node, [])
        return AnyType(TypeOfAny.explicit)


def _array(context: FunctionContext, scalar: Type) -> Type:
    shape = context.api.named_generic_type("builtins.tuple", [AnyType(TypeOfAny.explicit)])
    dtype = context.api.named_generic_type("numpy.dtype", [scalar])
    return context.api.named_generic_type("numpy.ndarray", [shape, dtype])


def _filled(stub: Type, arrays: Iterator[Type]) -> Type:
    """Returns what a stub says of a result, with its arrays replaced in order."""
    said = get_proper_type(stub)
    if isinstance(said, TupleType):
        return said.copy_modified(items=[_filled(each, arrays) for each in said.items])
    if isinstance(said, Instance) and said.type.fullname == "typing.Sequence":
        return said.copy_modified(args=[_filled(said.args[0], arrays)])
    items = [get_proper_type(each) for each in flatten_nested_unions([said])]
    rest = [each for each in items if not (isinstance(each, Instance) and each.type.fullname in _ARRAYS)]
    if len(rest) == len(items) or not all(isinstance(each, NoneType) for each in rest):
        return stub
    return make_simplified_union([next(arrays), *rest])


def _is_minus_one(given: Expression) -> bool:
    if not isinstance(given, UnaryExpr) or given.op != "-":
        return False
    return isinstance(given.expr, IntExpr) and given.expr.value == 1


def plugin(version: str) -> type[Plugin]:  # noqa: ARG001 - mypy asks every plugin's module so
    return OpenCV
