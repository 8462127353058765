#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace nextbest::bench {

/// A file that is nothing but numbers, as numpy's tofile() writes them.
template <class T>
std::vector<T> read_raw(const std::filesystem::path& path) {
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return values;
}

template <class T>
void write_raw(const std::filesystem::path& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace nextbest::bench
