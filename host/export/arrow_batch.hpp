#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "host/export/table.hpp"

namespace arrow {
class RecordBatch;
class Status;
namespace io {
class FileOutputStream;
}
}  // namespace arrow

namespace nextbest {

/// Rows [begin, end) of a chunk as Arrow arrays: ids with the type the user gave them, times as timestamps (us, UTC),
/// vectors as fixed-size lists, or spread over one float column per dimension.
std::shared_ptr<arrow::RecordBatch> to_record_batch(const Chunk& chunk, std::int64_t begin, std::int64_t end,
                                                    bool spread_vectors);

/// @throws OutputError naming the file and the cause when the status is an error
void check_arrow(const arrow::Status& status, const std::filesystem::path& path);

/// @throws OutputError
std::shared_ptr<arrow::io::FileOutputStream> open_output(const std::filesystem::path& path);

}  // namespace nextbest
