#pragma once

#include <cstddef>
#include <vector>

#include <cuda_runtime.h>

namespace nextbest::cuda {

/// From which size copies go through pinned memory, and in pieces of which. Tests set it, so that small cases do.
struct StagingTuning {
  std::size_t least = std::size_t{1} << 20;
  std::size_t piece = std::size_t{8} << 20;
};
StagingTuning& staging_tuning();

/// Lines of `width` bytes in both memories, consecutive ones a pitch apart.
struct Lines {
  std::byte* device;
  std::size_t device_pitch;
  std::byte* host;
  std::size_t host_pitch;
  std::size_t width;
  std::size_t count;
};

/// The pinned memory of a stream: two pieces, so that the host's threads fill or empty one while the other travels.
/// Ordinary memory would be copied by one thread of the driver, and piece after piece. Pieces are kept for the next
/// stream: pinning takes long.
class Staging {
 public:
  Staging() = default;
  ~Staging();  ///< the stream must be done with them
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// What the host holds has been read when this returns.
  cudaError_t to_device(cudaStream_t stream, const Lines& lines);
  /// The host has it after drain().
  cudaError_t to_host(cudaStream_t stream, const Lines& lines);
  cudaError_t drain();

  struct Piece {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
    cudaEvent_t done = nullptr;
    bool travels = false;  ///< until `done`
    Lines waiting{};       ///< for the host, where count is not 0
  };

 private:
  template <class Use>
  cudaError_t piece_by_piece(cudaStream_t stream, Lines lines, const Use& use);
  cudaError_t next(Piece*& piece);
  static cudaError_t settle(Piece& piece);

  std::vector<Piece> pieces_;
  std::size_t last_ = 0;
};

}  // namespace nextbest::cuda
