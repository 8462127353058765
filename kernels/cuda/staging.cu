#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>

#include "kernels/core/parallel.hpp"
#include "kernels/cuda/staging.hpp"

namespace nextbest::cuda {
namespace {

constexpr std::size_t kPiecesOfStream = 2;

/// Pieces that no stream uses. Never destroyed: the runtime may be gone before it.
struct Shelf {
  std::mutex guard;
  std::vector<Staging::Piece> pieces;
};
Shelf& shelf() {
  static auto* of_process = new Shelf;
  return *of_process;
}

cudaError_t take_piece(Staging::Piece& piece) {
  {
    Shelf& shelved = shelf();
    const std::lock_guard lock(shelved.guard);
    while (!shelved.pieces.empty()) {
      piece = shelved.pieces.back();
      shelved.pieces.pop_back();
      if (piece.bytes >= staging_tuning().piece) return cudaSuccess;
      cudaEventDestroy(piece.done);
      cudaFreeHost(piece.memory);
    }
  }
  piece.bytes = staging_tuning().piece;
  void* memory = nullptr;
  cudaError_t result = cudaMallocHost(&memory, piece.bytes);
  if (result == cudaSuccess) result = cudaEventCreate(&piece.done);
  piece.memory = static_cast<std::byte*>(memory);
  return result;
}

/// By as many threads as it takes to keep up with the bus.
void copy_lines(std::byte* to, std::size_t to_pitch, const std::byte* from, std::size_t from_pitch, std::size_t width,
                std::size_t count) {
  constexpr std::size_t kGrain = std::size_t{1} << 20;
  const Context ctx{Device::kCpu, static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U)), {}, {}};
  if (count == 1) {
    parallel_for(ctx, static_cast<std::int64_t>(width), kGrain, [&](std::int64_t begin, std::int64_t end, int) {
      std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin));
    });
    return;
  }
  const auto grain = static_cast<std::int64_t>(std::max<std::size_t>(1, kGrain / width));
  parallel_for(ctx, static_cast<std::int64_t>(count), grain, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      std::memcpy(to + i * to_pitch, from + i * from_pitch, width);
  });
}

}  // namespace

StagingTuning& staging_tuning() {
  static StagingTuning tuning;
  return tuning;
}

Staging::~Staging() {
  Shelf& shelved = shelf();
  const std::lock_guard lock(shelved.guard);
  for (Piece& piece : pieces_) {
    piece.travels = false;
    piece.waiting.count = 0;  // whoever waited for it has gone
    shelved.pieces.push_back(piece);
  }
}

cudaError_t Staging::settle(Piece& piece) {
  const cudaError_t result = piece.travels ? cudaEventSynchronize(piece.done) : cudaSuccess;
  const Lines lines = piece.waiting;
  piece.travels = false;
  piece.waiting.count = 0;
  if (result == cudaSuccess && lines.count != 0)
    copy_lines(lines.host, lines.host_pitch, piece.memory, lines.width, lines.width, lines.count);
  return result;
}

cudaError_t Staging::next(Piece*& piece) {
  if (pieces_.size() < kPiecesOfStream) {
    Piece taken;
    const cudaError_t result = take_piece(taken);
    if (result != cudaSuccess) return result;
    pieces_.push_back(taken);
    last_ = pieces_.size() - 1;
  } else {
    last_ = (last_ + 1) % kPiecesOfStream;
  }
  piece = &pieces_[last_];
  return settle(*piece);
}

// Lines without gaps are one long one, which may be cut anywhere; so is one that is too long for a piece.
template <class Use>
cudaError_t Staging::piece_by_piece(cudaStream_t stream, Lines lines, const Use& use) {
  if (lines.device_pitch == lines.width && lines.host_pitch == lines.width) {
    lines.width *= lines.count;
    lines.count = 1;
  }
  const std::size_t most = staging_tuning().piece;
  cudaError_t result = cudaSuccess;
  while (result == cudaSuccess && lines.count > 0 && lines.width > 0) {
    Lines part = lines;
    const bool cut = lines.width > most;
    part.count = cut ? 1 : std::min(lines.count, most / lines.width);
    if (cut && lines.count == 1) {
      part.width = most;
      lines.width -= most;
      lines.device += most;
      lines.host += most;
    } else {
      lines.count -= part.count;
      lines.device += part.count * lines.device_pitch;
      lines.host += part.count * lines.host_pitch;
    }
    if (part.width > most) {
      part.device_pitch = part.host_pitch = part.width;
      result = piece_by_piece(stream, part, use);
      continue;
    }
    Piece* piece = nullptr;
    result = next(piece);
    if (result == cudaSuccess) result = use(*piece, part);
    if (result == cudaSuccess) result = cudaEventRecord(piece->done, stream);
    if (result == cudaSuccess) piece->travels = true;
  }
  return result;
}

cudaError_t Staging::to_device(cudaStream_t stream, const Lines& lines) {
  return piece_by_piece(stream, lines, [&](Piece& piece, const Lines& part) {
    copy_lines(piece.memory, part.width, part.host, part.host_pitch, part.width, part.count);
    return cudaMemcpy2DAsync(part.device, part.device_pitch, piece.memory, part.width, part.width, part.count,
                             cudaMemcpyHostToDevice, stream);
  });
}

cudaError_t Staging::to_host(cudaStream_t stream, const Lines& lines) {
  return piece_by_piece(stream, lines, [&](Piece& piece, const Lines& part) {
    piece.waiting = part;
    return cudaMemcpy2DAsync(piece.memory, part.width, part.device, part.device_pitch, part.width, part.count,
                             cudaMemcpyDeviceToHost, stream);
  });
}

cudaError_t Staging::drain() {
  cudaError_t result = cudaSuccess;
  for (std::size_t i = 1; i <= pieces_.size() && result == cudaSuccess; ++i)
    result = settle(pieces_[(last_ + i) % pieces_.size()]);
  return result;
}

}  // namespace nextbest::cuda
