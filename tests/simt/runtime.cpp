#include "tests/simt/runtime.hpp"

#include <cstring>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/simt/grid.hpp"
#include "tests/simt/stream.hpp"

namespace simt {

std::string Stream::run_until(std::uint64_t count) {
  std::string failure;
  while (done_ < count) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    ++done_;
    if (failure.empty() || next.always) failure += next.work();
    if (!failure.empty()) count = enqueued();
  }
  return failure;
}

namespace {

std::set<Stream*> streams;
std::map<const void*, std::size_t> dynamic_shared_limit;
cudaError_t last_error = cudaSuccess;
std::string last_failure;  // of what ran in a stream

cudaError_t keep(cudaError_t error) {
  if (error != cudaSuccess) last_error = error;
  return error;
}

cudaError_t ended(const std::string& failure) {
  if (failure.empty()) return cudaSuccess;
  last_failure = failure;
  return keep(cudaErrorLaunchFailure);
}

bool launchable(const cudaLaunchConfig_t& config, const void* kernel) {
  const dim3 grid = config.gridDim, block = config.blockDim;
  const auto limit = dynamic_shared_limit.find(kernel);
  const std::size_t shared = limit == dynamic_shared_limit.end() ? kUsualShared : limit->second;
  const auto within = [](unsigned x, unsigned most) { return 1 <= x && x <= most; };
  return within(block.x, 1024) && within(block.y, 1024) && within(block.z, 64) && block.x * block.y * block.z <= 1024 &&
         within(grid.x, 0x7FFFFFFF) && within(grid.y, 65'535) && within(grid.z, 65'535) &&
         config.dynamicSmemBytes <= shared;
}

}  // namespace

cudaError_t enqueue(cudaStream_t stream, std::function<void()> call) {
  if (!streams.contains(stream)) return keep(cudaErrorInvalidValue);
  stream->enqueue([call = std::move(call)] {
    call();
    return std::string();
  });
  return cudaSuccess;
}

cudaError_t allow_dynamic_shared(const void* kernel, std::size_t bytes) {
  if (bytes > kMostShared) return keep(cudaErrorInvalidValue);
  dynamic_shared_limit[kernel] = bytes;
  return cudaSuccess;
}

cudaError_t enqueue_launch(const cudaLaunchConfig_t& config, const void* kernel, std::function<void()> call) {
  if (!streams.contains(config.stream)) return keep(cudaErrorInvalidValue);
  if (!launchable(config, kernel)) return keep(cudaErrorInvalidConfiguration);
  // Who asks for more dynamic memory than usual gets the rest of the multiprocessor's with it.
  const std::size_t most = dynamic_shared_limit.contains(kernel) ? kMostShared : kUsualShared;
  config.stream->enqueue([config, most, call = std::move(call)] {
    const std::string failure = run_grid(config, most, call);
    return failure.empty() ? overrun() : failure;
  });
  return cudaSuccess;
}

}  // namespace simt

using simt::keep;

cudaError_t cudaGetLastError() {
  return std::exchange(simt::last_error, cudaSuccess);
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    case cudaErrorLaunchFailure:
      return simt::last_failure.c_str();
    default:
      return "another error";
  }
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  *stream = *simt::streams.insert(new simt::Stream).first;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return simt::ended(stream->run());
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const cudaError_t error = simt::ended(stream->run());
  simt::streams.erase(stream);
  delete stream;
  return error;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new simt::Event;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  *event = {stream, stream->enqueued()};
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return event->stream == nullptr ? cudaSuccess : simt::ended(event->stream->run_until(event->place));
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  stream->enqueue([at = *event] { return at.stream == nullptr ? std::string() : at.stream->run_until(at.place); });
  return cudaSuccess;
}
