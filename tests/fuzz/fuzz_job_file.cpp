// Any bytes as a job file: it is read, or refused with one of our errors. What was read survives its own resolved form.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "host/job/job.hpp"
#include "kernels/core/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nextbest::Job job;
  try {
    job = nextbest::parse_job(std::string(reinterpret_cast<const char*>(data), size), "fuzz.toml");
  } catch (const nextbest::Error&) {
    return 0;
  }
  const nextbest::Job again = nextbest::parse_job(job.resolved_toml, "resolved.toml");
  if (again.resolved_toml != job.resolved_toml) std::abort();
  return 0;
}
