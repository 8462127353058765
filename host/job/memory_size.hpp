#pragma once

#include <cstdint>
#include <string>

namespace nextbest {

/// Bytes of "64GiB", "500 MB", "1048576" or "80%" (of `whole`). Units: B, kB, KiB, MB, MiB, GB, GiB, TB, TiB.
/// @throws UsageError naming `key`
std::int64_t parse_memory_size(const std::string& text, std::int64_t whole, const std::string& key);

/// Bytes as people read them: "512 B", "1.5 MiB", "20.3 GiB".
std::string format_bytes(std::int64_t bytes);

}  // namespace nextbest
