"""orders.h5 as other programs see it: h5py, and anndata where it is installed."""

import pytest

h5py = pytest.importorskip("h5py")
np = pytest.importorskip("numpy")


@pytest.fixture(scope="module")
def orders(samples):
    """The sample log of tests/host/sample_log.cpp."""
    return samples("OrderLogFile.LeavesASampleWhereAsked") / "orders.h5"


def texts(dataset):
    return [value.decode() for value in dataset[:]]


def test_stamp(orders):
    with h5py.File(orders) as file:
        assert file.attrs["kind"] == "order_log"
        assert file.attrs["format_version"] == 1
        assert file.attrs["run_id"] == "20240131-abc"
        assert file.attrs["inputs_hash"] == "inputs"
        assert file.attrs["settings_hash"] == "settings"


def test_ids_keep_type_and_value(orders):
    with h5py.File(orders) as file:
        assert texts(file["items/id"]) == ["007", "7", "b", "c", "é"]
        assert dict(file["items/id"].attrs) == {"encoding-type": "string-array", "encoding-version": "0.2.0"}
        text = h5py.check_string_dtype(file["items/id"].dtype)
        assert text.encoding == "utf-8" and text.length is None
        assert file["customers/id"].dtype == np.uint64
        assert file["customers/id"][:].tolist() == [1, 2, 1 << 63]
        assert file["orders/id"].dtype == np.int64
        assert file["orders/id"].attrs["encoding-type"] == "array"


def test_baskets_are_csr(orders):
    with h5py.File(orders) as file:
        baskets = file["baskets"]
        assert baskets["offset"].dtype == np.int64 and baskets["item"].dtype == np.int32
        assert baskets["offset"][:].tolist() == [0, 2, 3, 6, 7]
        assert baskets["item"][:].tolist() == [0, 3, 0, 0, 1, 4, 2]
        assert baskets["customer"][:].tolist() == [0, 0, 2, -1]
        assert file["customers/offset"][:].tolist() == [0, 2, 2, 3]
        assert baskets["quantity"][:].tolist()[:3] == [10_000, 20_000, 5_000]
        assert baskets["price"][1] == np.iinfo(np.int64).min
        assert baskets["split"][:].tolist() == [0, 2, 1, 0]
        assert baskets["time"][0] == 86_400_000_000
        assert baskets.attrs["time_zone"] == "Europe/Berlin"


def test_datasets_are_chunked_and_checksummed(orders):
    with h5py.File(orders) as file:
        for name in ["baskets/item", "baskets/offset", "baskets/price", "customers/id", "items/brand/codes"]:
            assert file[name].chunks and file[name].fletcher32, name


def test_items_are_a_data_frame(orders):
    with h5py.File(orders) as file:
        items = file["items"]
        assert items.attrs["encoding-type"] == "dataframe" and items.attrs["encoding-version"] == "0.2.0"
        assert items.attrs["_index"] == "id"
        columns = ["name", "category_1", "category_2", "brand", "price", "launched_at"]
        assert list(items.attrs["column-order"]) == columns
        assert items["category_2"].attrs["column"] == "sub/type"
        assert items["category_1"].attrs["encoding-type"] == "categorical"
        assert texts(items["category_1/categories"]) == ["FOOD", "TOYS"]
        assert items["category_1/codes"][:].tolist() == [0, 0, 1, -1, 1]


def test_purchases_are_a_csr_matrix(orders):
    with h5py.File(orders) as file:
        matrix = file["purchases"]
        assert matrix.attrs["encoding-type"] == "csr_matrix" and matrix.attrs["encoding-version"] == "0.1.0"
        assert matrix.attrs["shape"].tolist() == [3, 5]
        assert matrix["indptr"].dtype == np.int64
        assert matrix["indptr"][:].tolist() == [0, 2, 2, 5]
        assert matrix["indices"][:].tolist() == [0, 3, 0, 1, 4]
        assert matrix["data"][:].tolist() == [1] * 5


def test_anndata_reads_the_elements(orders):
    anndata = pytest.importorskip("anndata")
    with h5py.File(orders) as file:
        frame = anndata.io.read_elem(file["items"])
        matrix = anndata.io.read_elem(file["purchases"])
    assert list(frame.index) == ["007", "7", "b", "c", "é"]
    assert frame["category_1"].tolist()[:3] == ["FOOD", "FOOD", "TOYS"]
    assert frame["price"].tolist()[0] == 10_000
    assert matrix.shape == (3, 5) and matrix.sum() == 5
