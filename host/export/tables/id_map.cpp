#include <algorithm>
#include <numeric>

#include "host/export/tables.hpp"
#include "host/export/tables/kinds.hpp"

namespace nextbest {

void for_chunks_of_kinds(const OrderLog& log,
                         const std::function<void(Chunk, const std::string&, Offset, Offset)>& use) {
  const bool same_type = log.items.type() == log.customers.type();
  const std::pair<const char*, const Dictionary*> kinds[] = {{"customer", &log.customers}, {"item", &log.items}};
  for (const auto& [kind, ids] : kinds) {
    Offset begin = 0;
    do {
      const Offset end = std::min<Offset>(ids->size(), begin + static_cast<Offset>(kChunkRows));
      std::vector<Code> codes(static_cast<std::size_t>(end - begin));
      std::iota(codes.begin(), codes.end(), static_cast<Code>(begin));
      Chunk chunk{{"kind", repeated(codes.size(), kind)}};
      if (same_type) {
        chunk.push_back({"id", IdColumn{ids, std::move(codes)}});
      } else {
        std::vector<std::string> texts;
        for (const Code code : codes) texts.push_back(ids->text(code));
        chunk.push_back({"id", std::move(texts)});
      }
      use(std::move(chunk), kind, begin, end);
      begin = end;
    } while (begin < ids->size());
  }
}

std::vector<WrittenFile> write_id_map(const TableTarget& target, const OrderLog& log) {
  const std::unique_ptr<TableWriter> writer = open_table(target);
  for_chunks_of_kinds(log, [&](Chunk chunk, const std::string&, Offset begin, Offset end) {
    std::vector<std::int32_t> codes(static_cast<std::size_t>(end - begin));
    std::iota(codes.begin(), codes.end(), static_cast<std::int32_t>(begin));
    chunk.push_back({"code", std::move(codes)});
    writer->write(chunk);
  });
  return writer->finish();
}

}  // namespace nextbest
