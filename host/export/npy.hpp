#pragma once

#include <filesystem>
#include <string>

#include "host/export/table.hpp"
#include "kernels/core/view.hpp"

namespace nextbest {

/// NumPy's array format 1.0 (numpy.lib.format), read by `np.load` without pickle. Little-endian, row-major.
/// @param file  relative to run_dir; its folder exists    @throws OutputError
WrittenFile write_npy(const std::filesystem::path& run_dir, const std::string& file, Matrix<const float> matrix);
/// int64 and uint64 ids as such, text as fixed-width UCS-4 (`<U`).
WrittenFile write_npy_ids(const std::filesystem::path& run_dir, const std::string& file, const Dictionary& ids);

}  // namespace nextbest
