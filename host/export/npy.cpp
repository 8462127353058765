#include "host/export/npy.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include <fmt/format.h>

#include "host/job/files.hpp"
#include "host/store/atomic_file.hpp"

namespace nextbest {
namespace {

/// One file: header, then raw values.
class NpyFile {
 public:
  NpyFile(const std::filesystem::path& run_dir, const std::string& file, const std::string& type,
          const std::string& shape)
      : path_(run_dir / file) {
    result_.path = file;
    // A published run may hold the file that stands here under another name.
    std::error_code not_there;
    std::filesystem::remove(path_, not_there);
    errno = 0;
    out_.open(path_, std::ios::binary | std::ios::trunc);
    // Magic, version 1.0, length of the header; the values then begin at a multiple of 64.
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, shape);
    header.append(63 - (10 + header.size()) % 64, ' ');
    header.push_back('\n');
    const std::string start{'\x93', 'N', 'U', 'M', 'P', 'Y', '\x01', '\x00'};
    const char length[2] = {static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    write(start.data(), start.size());
    write(length, 2);
    write(header.data(), header.size());
  }

  void write(const void* data, std::size_t bytes) {
    out_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
    if (!out_) throw_output_error(path_, errno);
  }

  WrittenFile finish(std::int64_t rows) {
    out_.close();
    if (!out_) throw_output_error(path_, errno);
    sync_file(path_);
    result_.rows = rows;
    result_.bytes = static_cast<std::int64_t>(std::filesystem::file_size(path_));
    result_.sha256 = sha256_of_file(path_);
    return std::move(result_);
  }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
  WrittenFile result_;
};

/// Code points of valid UTF-8, which is what ingestion lets through.
std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int i = 0; i < more && at < text.size(); ++i)
      point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    points.push_back(point);
  }
  return points;
}

}  // namespace

WrittenFile write_npy(const std::filesystem::path& run_dir, const std::string& file, Matrix<const float> matrix) {
  NpyFile out(run_dir, file, "<f4", fmt::format("{}, {}", matrix.rows, matrix.cols));
  for (Offset row = 0; row < matrix.rows; ++row) out.write(matrix.row(row), sizeof(float) * matrix.cols);
  return out.finish(matrix.rows);
}

WrittenFile write_npy_ids(const std::filesystem::path& run_dir, const std::string& file, const Dictionary& ids) {
  const std::string shape = std::to_string(ids.size());
  if (ids.type() != IdType::kString) {
    NpyFile out(run_dir, file, ids.type() == IdType::kInt64 ? "<i8" : "<u8", shape);
    for (Offset code = 0; code < ids.size(); ++code) {
      const std::uint64_t bits = ids.uint64_at(code);
      out.write(&bits, sizeof bits);
    }
    return out.finish(ids.size());
  }
  std::size_t width = 1;
  for (Offset code = 0; code < ids.size(); ++code) width = std::max(width, code_points(ids.string_at(code)).size());
  NpyFile out(run_dir, file, fmt::format("<U{}", width), shape);
  for (Offset code = 0; code < ids.size(); ++code) {
    std::u32string points = code_points(ids.string_at(code));
    points.resize(width, U'\0');
    out.write(points.data(), width * sizeof(char32_t));
  }
  return out.finish(ids.size());
}

}  // namespace nextbest
