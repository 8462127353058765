"""Where the Python tests find the program and the data, and what may be skipped."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def program():
    """The built `nextbest`; ctest names it, by hand it is the release build."""
    path = pathlib.Path(os.environ.get("NEXTBEST_PROGRAM", ROOT / "build/release/bin/nextbest"))
    assert path.exists(), f"{path} is not built: run scripts/test, or set NEXTBEST_PROGRAM"
    return path


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """Runs a test of test_host that leaves files behind (`...WhereAsked`), and gives the folder they are in."""
    test_host = pathlib.Path(os.environ.get("NEXTBEST_TEST_HOST", ROOT / "build/release/bin/test_host"))
    if not test_host.exists():
        pytest.skip(f"{test_host} is not built")

    def leave(test):
        folder = tmp_path_factory.mktemp("samples")
        subprocess.run([test_host, f"--gtest_filter={test}"], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, NEXTBEST_SAMPLE_DIR=str(folder)))
        return folder

    return leave


@pytest.fixture(scope="session")
def test_data():
    """The folder of real data sets; tests that need it are skipped without."""
    folder = os.environ.get("NEXTBEST_TEST_DATA")
    if not folder:
        pytest.skip("NEXTBEST_TEST_DATA is not set: it names the folder of real data sets")
    return pathlib.Path(folder)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Where the data are there and CI=true, nothing may be skipped for want of data."""
    report = (yield).get_result()
    if report.skipped and os.environ.get("CI") == "true" and os.environ.get("NEXTBEST_TEST_DATA"):
        reason = str(call.excinfo.value) if call.excinfo else ""
        if "NEXTBEST_TEST_DATA" in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped for want of data where data must be there: {reason}"
