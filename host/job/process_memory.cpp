#include "host/job/process_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "host/export/arrow_memory.hpp"

namespace nextbest {

void reset_peak_host_bytes() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

void release_free_memory() {
  release_arrow_memory();
  ::malloc_trim(0);
}

std::int64_t peak_host_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

std::int64_t total_host_bytes() {
  std::int64_t total = std::int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::int64_t limit = 0;
    if (std::ifstream(path) >> limit && limit > 0) total = std::min(total, limit);
  }
  // Part of the address space is never touched: libraries, stacks, arenas of the allocator.
  constexpr std::int64_t kUntouched = std::int64_t{1} << 30;
  rlimit space = {};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    total = std::min(total, std::max<std::int64_t>(static_cast<std::int64_t>(space.rlim_cur) - kUntouched,
                                                   static_cast<std::int64_t>(space.rlim_cur / 2)));
  return total;
}

}  // namespace nextbest
