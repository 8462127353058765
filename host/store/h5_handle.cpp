#include "host/store/h5_handle.hpp"

#include <atomic>
#include <cstdlib>
#include <string_view>

namespace nextbest::h5 {
namespace {

/// The walk goes from the innermost call outwards; the first message with an errno is the one that tells.
herr_t collect(unsigned, const H5E_error2_t* entry, void* data) {
  Cause& cause = *static_cast<Cause*>(data);
  const std::string_view text = entry->desc == nullptr ? "" : entry->desc;
  if (cause.text.empty()) cause.text = text;
  constexpr std::string_view key = "errno = ";
  const std::size_t at = text.find(key);
  if (cause.error == 0 && at != std::string_view::npos) cause.error = std::atoi(text.data() + at + key.size());
  return 0;
}

std::atomic<bool> write_failed = false;

}  // namespace

Cause last_cause() {
  Cause cause;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, collect, &cause);
  return cause;
}

void start() {
  // After a write that failed (full disk), HDF5 1.10 crashes when it cleans up at the end of the process. So we take
  // the clean-up upon us, and leave it out in that case. H5dont_atexit() takes effect as the first call of all.
  static const bool once = [] {
    H5dont_atexit();
    std::atexit([] {
      if (!write_failed) H5close();
    });
    return true;
  }();
  static_cast<void>(once);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void note_failed_write() {
  write_failed = true;
}

Handle file_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_file_locking(access.get(), false, true);
  return access;
}

Handle string_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

}  // namespace nextbest::h5
