"""Exported tables and arrays as NumPy and PyArrow see them."""

import pytest

np = pytest.importorskip("numpy")
pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(scope="module")
def folder(samples):
    return samples("Tables.LeavesSamplesWhereAsked")


def test_numpy_loads_factors_and_ids_without_pickle(folder):
    items = np.load(folder / "npy/items.npy", allow_pickle=False)
    assert items.dtype == np.float32 and items.tolist() == np.arange(10.0).reshape(5, 2).tolist()
    ids = np.load(folder / "npy/item_ids.npy", allow_pickle=False)
    assert ids.tolist() == ["007", "7", "b", "c", "é"]
    customers = np.load(folder / "npy/customer_ids.npy", allow_pickle=False)
    assert customers.dtype == np.uint64 and customers.tolist() == [1, 2, 1 << 63]


def test_embeddings_are_fixed_size_lists(folder):
    table = pq.read_table(folder / "embeddings/part-00000.parquet")
    assert table.schema.field("factors").type.list_size == 2
    assert table["factors"].to_pylist()[3:5] == [[0.0, 1.0], [2.0, 3.0]]


def test_parquet_is_zstd(folder):
    group = pq.ParquetFile(folder / "pairs/part-00000.parquet").metadata.row_group(0)
    assert {group.column(c).compression for c in range(group.num_columns)} == {"ZSTD"}
