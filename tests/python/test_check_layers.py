"""Breaks the rules of the layers on purpose, one at a time, and demands that scripts/check_layers sees it."""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A small tree that keeps every rule.
CLEAN = {
    "kernels/core/types.hpp": "#pragma once\n#include <cstdint>\n"
                              "namespace nextbest {\nstruct Span {\n};\n}  // namespace nextbest\n",
    "kernels/math/decay.hpp": '#pragma once\n#include <cmath>\n\n#include "kernels/core/types.hpp"\n',
    "kernels/ops/gramian.hpp": '#pragma once\n#include "kernels/core/types.hpp"\n',
    "kernels/ops/gramian.cpp": '#include "kernels/ops/gramian.hpp"\n',
    "kernels/cpu/tile.hpp": "#pragma once\n",
    "kernels/cpu/gramian.cpp": '#include <cblas.h>\n#include "kernels/cpu/tile.hpp"\n#include "kernels/ops/gramian.hpp"\n'
                               "namespace nextbest {\nstruct Span::Part {\n};\n}  // namespace nextbest\n",
    "kernels/cuda/gramian.cu": '#include <cuda_runtime.h>\n#include "kernels/ops/gramian.hpp"\n'
                               "void f() { kernel<<<1, 2>>>(); cudaMalloc(0, 1); }\n",
    "kernels/absent/gramian.cpp": '#include "kernels/ops/gramian.hpp"\n',
    "models/ials.hpp": '#pragma once\n#include "kernels/ops/gramian.hpp"\n// cudaMalloc in a comment is only a word\n',
    "host/store/file.cpp": '#include <hdf5.h>\n#include <fstream>\n#include "models/ials.hpp"\n',
    "host/ingest/read.cpp": '#include <arrow/api.h>\nconst char* text = "a <<< b";\n',
    "host/cli/main.cpp": '#include "models/ials.hpp"\n'
                         "namespace nextbest {\nnamespace {\nstruct Span {\n};\n}  // namespace\n}  // namespace nextbest\n",
    "tests/reference/gramian.hpp": '#pragma once\n#include "kernels/core/types.hpp"\n',
    "tests/kernels/test_gramian.cpp": '#include "kernels/cpu/tile.hpp"\n#include "tests/reference/gramian.hpp"\n',
}


def check(folder, changes):
    for name, text in {**CLEAN, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return subprocess.run([sys.executable, ROOT / "scripts/check_layers", folder], capture_output=True, text=True)


def test_a_tree_that_keeps_the_rules_passes(tmp_path):
    result = check(tmp_path, {})
    assert result.returncode == 0, result.stdout
    assert "0 violations" in result.stdout


def test_this_repository_passes():
    result = subprocess.run([ROOT / "scripts/check_layers"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_an_empty_tree_does_not_pass(tmp_path):
    result = subprocess.run([ROOT / "scripts/check_layers", tmp_path], capture_output=True, text=True)
    assert result.returncode == 1


BROKEN = {
    "models see host": ("models/ials.hpp", '#include "host/store/file.hpp"\n', "must not see host/store/file.hpp"),
    "kernels see models": ("kernels/cpu/gramian.cpp", '#include "models/ials.hpp"\n', "must not see models/ials.hpp"),
    "ops see a provider": ("kernels/ops/gramian.cpp", '#include "kernels/cpu/tile.hpp"\n', "must not see kernels/cpu"),
    "core sees math": ("kernels/core/types.hpp", '#include "kernels/math/decay.hpp"\n', "must not see kernels/math"),
    "models see a provider": ("models/ials.hpp", '#include "kernels/cpu/tile.hpp"\n', "must not see kernels/cpu"),
    "a provider sees another": ("kernels/absent/gramian.cpp", '#include "kernels/cpu/tile.hpp"\n', "must not see"),
    "the product sees tests": ("host/store/file.cpp", '#include "tests/reference/gramian.hpp"\n', "must not see tests"),
    "a reference sees math": ("tests/reference/gramian.hpp", '#include "kernels/math/decay.hpp"\n', "must not see"),
    "cli is included": ("host/store/file.cpp", '#include "host/cli/verb.hpp"\n', "nobody includes host/cli"),
    "not from the root": ("host/store/file.cpp", '#include "other.hpp"\n', "from the repository root"),
    "ours in angles": ("host/store/file.cpp", "#include <models/ials.hpp>\n", "write it in quotes"),
    "models open files": ("models/ials.hpp", "#include <fstream>\n", "<fstream> belongs in host"),
    "models know paths": ("models/ials.hpp", "#include <filesystem>\n", "<filesystem> belongs in host"),
    "arrow in the store": ("host/store/file.cpp", "#include <arrow/api.h>\n", "belongs in host/ingest or host/export"),
    "hdf5 in ingestion": ("host/ingest/read.cpp", "#include <hdf5.h>\n", "belongs in host/store"),
    "host sees cuda": ("host/store/file.cpp", "#include <cuda_runtime.h>\n", "belongs in kernels/cuda"),
    "cuda call in host": ("host/store/file.cpp", "void f() { cudaMalloc(0, 1); }\n", "cudaMalloc belongs in"),
    "launch in models": ("models/ials.hpp", "void f() { k<<<1, 2>>>(); }\n", "<<< belongs in kernels/cuda"),
    "shuffle in cpu": ("kernels/cpu/gramian.cpp", "int f() { return __shfl_sync(1, 2, 3); }\n", "__shfl_sync belongs"),
    "openmp in host": ("host/store/file.cpp", "#pragma omp parallel\n", "belongs in kernels/core/parallel.cpp"),
    "one name, two types": ("models/ials.hpp", "namespace nextbest {\nclass Span {\n};\n}  // namespace nextbest\n",
                            "kernels/core/types.hpp defines nextbest::Span too"),
    "cycle": ("kernels/core/types.hpp", '#include "kernels/core/view.hpp"\n', "includes itself"),
    "too long": ("models/ials.hpp", "int a();\n" * 501, "longer than 500 lines"),
    "no layer": ("kernels/loose.hpp", "#pragma once\n", "lies in no layer"),
}
HELPERS = {
    "host/store/file.hpp": "#pragma once\n",
    "host/cli/verb.hpp": "#pragma once\n",
    "kernels/core/view.hpp": '#pragma once\n#include "kernels/core/types.hpp"\n',
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_seen(tmp_path, name):
    path, added, message = BROKEN[name]
    assert check(tmp_path, HELPERS).returncode == 0
    result = check(tmp_path, {**HELPERS, path: CLEAN.get(path, "") + added})
    assert result.returncode == 1
    found = [line for line in result.stdout.splitlines() if message in line]
    assert found and found[0].startswith(path + ":"), result.stdout
