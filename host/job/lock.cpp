#include "host/job/lock.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "kernels/core/error.hpp"

namespace nextbest {

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw OutputError("cannot write " + path.string() + ": " + std::strerror(errno) +
                      "; check the permissions and the free space, or choose another job.out_dir");
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(fd_);
  if (error == EWOULDBLOCK)
    throw TryAgain("another nextbest works in " + folder.string() + "; try again when it has finished");
  throw OutputError("cannot lock " + path.string() + ": " + std::strerror(error));
}

FolderLock::~FolderLock() {
  ::close(fd_);
}

}  // namespace nextbest
