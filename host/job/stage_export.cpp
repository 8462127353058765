#include "host/export/rewrite_table.hpp"
#include "host/job/files.hpp"
#include "host/job/stages.hpp"
#include "host/store/embeddings_file.hpp"

namespace nextbest {
namespace {

std::vector<WrittenFile> export_npy(Session& session) {
  const EmbeddingsFile file = read_embeddings(session.work() / "models" / "embeddings.h5");
  return write_embeddings_npy(session.work(), "export/embeddings", session.log(),
                              {file.item_factors.data(), file.items.size(), file.dim},
                              {file.customer_factors.data(), file.customers.size(), file.dim});
}

std::vector<WrittenFile> export_table(Session& session, const ExportTable& table) {
  const bool exists = std::filesystem::exists(session.work() / table.kind);
  if (!exists) {
    session.reporter().warning("not_exported",
                               table.kind + " is not among the results of this job, so there is nothing to export",
                               {{"kind", table.kind}});
    return {};
  }
  // Parquet and HDF5 stand in the run already.
  if (table.format == "npy") return export_npy(session);
  if (table.format != "csv" && table.format != "jsonl") return {};
  const TableFormat format = table.format == "csv" ? TableFormat::kCsv : TableFormat::kJsonLines;
  return rewrite_table(session.work() / table.kind, {session.work(), "export/" + table.kind, format}, "");
}

StageOutcome run_export(Session& session) {
  StageOutcome outcome;
  for (const ExportTable& table : session.job().exports) {
    throw_if_interrupted();
    for (WrittenFile& file : export_table(session, table)) outcome.files.push_back(std::move(file));
  }
  outcome.details = {{"files", outcome.files.size()}};
  return outcome;
}

}  // namespace

std::vector<WrittenFile> restamp_table(Session& session, const std::string& table) {
  if (!std::filesystem::exists(session.work() / table)) return {};
  const std::filesystem::path old = session.work() / (table + ".old");
  remove_tree(old);
  rename_path(session.work() / table, old);
  std::vector<WrittenFile> files = rewrite_table(old, {session.work(), table}, session.run_id());
  remove_tree(old);
  return files;
}

Stage export_stage(Session& session) {
  return {"export",
          {"check", "pairs", "evaluate", "train", "recommend"},
          {},
          section_text(session.job(), "export"),
          {"export"},
          [&session] { return run_export(session); },
          [&session] { return run_export(session).files; }};
}

}  // namespace nextbest
