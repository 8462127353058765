"""The arrays that our sides of the comparisons write and read (benchmarks/support/raw_file.hpp)."""

from pathlib import Path

import numpy
import scipy.sparse


def matrix(folder, value=1.0, rows=None):
    """CSR of float32, every entry `value`; the first `rows` rows."""
    indptr = numpy.fromfile(Path(folder, "indptr.i64"), numpy.int64)
    indices = numpy.fromfile(Path(folder, "indices.i32"), numpy.int32)
    columns = int(indices.max()) + 1
    indptr = indptr[:rows + 1] if rows is not None else indptr
    indices = indices[:indptr[-1]]
    return scipy.sparse.csr_matrix((numpy.full(len(indices), value, numpy.float32), indices, indptr),
                                   shape=(len(indptr) - 1, columns))


def factors(folder, name, dim):
    return numpy.fromfile(Path(folder, f"{name}.f32"), numpy.float32).reshape(-1, dim)
