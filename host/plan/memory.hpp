#pragma once

#include <cstdint>

#include "host/ingest/log_size.hpp"
#include "host/job/job.hpp"

namespace nextbest {

/// Peak resident memory of the stages in bytes, as functions of the size of the log and the settings: what is counted
/// stands in README.md. Each includes the program and what lies in memory from the stages before it.

/// Whether the lists of the job come from this source, too.
bool asks_for(const Job& job, const char* source);
/// Whether its lists come from several sources, which a blend has to weigh.
bool blends(const Job& job);
/// What the stages after the ingestion read of the lines: prices are features of the blend.
KeptColumns learnt_columns(const Job& job);
/// The program with what the stages after the ingestion read of the order log.
std::int64_t log_bytes(const LogSize& size, const Job& job);
/// Units, their index, and lists of one tile of items that is `tile_bytes` large.
std::int64_t pairs_bytes(const LogSize& size, const Job& job, std::int64_t tile_bytes);
/// The lists of one item.
std::int64_t pair_row_bytes(const LogSize& size, const Job& job);
std::int64_t evaluate_bytes(const LogSize& size, const Job& job);
std::int64_t train_bytes(const LogSize& size, const Job& job);
std::int64_t recommend_bytes(const LogSize& size, const Job& job);
std::int64_t export_bytes(const LogSize& size, const Job& job);

}  // namespace nextbest
