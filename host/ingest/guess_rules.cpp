#include "host/ingest/guess_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "host/ingest/id_encoder.hpp"
#include "host/ingest/table_scan.hpp"

namespace nextbest {
namespace {

constexpr std::int64_t kMostLines = 5'000'000;

bool has_number(std::string_view id) {
  int run = 0;
  for (const unsigned char c : id) {
    run = std::isdigit(c) ? run + 1 : 0;
    if (run == 3) return true;
  }
  return false;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// The pattern of a family such as `gift_0001_20`; empty when the id belongs to none.
std::string family_pattern(const std::string& id) {
  constexpr std::array<std::string_view, 5> kFamilies = {"gift_", "test", "adjust", "voucher", "sample"};
  for (const std::string_view family : kFamilies) {
    if (lower(id).starts_with(family)) return id.substr(0, family.size()) + "*";
  }
  return "";
}

bool speaks_of_service(const std::string& id) {
  constexpr std::array<std::string_view, 14> kWords = {"post",     "fee",     "charge",   "ship",   "freight",
                                                       "carriage", "deliver", "discount", "manual", "gift",
                                                       "deposit",  "adjust",  "refund",   "cruk"};
  const std::string text = lower(id);
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// Counts that one pass over the lines yields.
class LineLook {
 public:
  void look(const FoundFile& file, const std::map<std::string, std::string>& columns) {
    BadRows bad(kMostLines, "");
    TableScan scan(file, "auto", bad);
    scan.map(columns, {"item_id", "order_id", "quantity"}, "input.orders");
    while (rules_.lines < kMostLines && scan.next()) {
      std::vector<Offset> items, orders;
      std::vector<std::int64_t> quantities;
      scan.read("item_id", [&](const Cells& c, const OnBadCell&) { read_ids(c, true, items_, items, ignore_); });
      scan.read("order_id", [&](const Cells& c, const OnBadCell&) { read_ids(c, true, orders_, orders, ignore_); });
      scan.read("quantity", [&](const Cells& c, const OnBadCell&) { read_amounts(c, true, quantities, ignore_); });
      rules_.lines += scan.batch_rows();
      for (std::size_t row = 0; row < quantities.size(); ++row) {
        const bool negative = quantities[row] < 0 && quantities[row] != kNoValue;
        rules_.negative_quantities += negative;
        if (!orders.empty() && orders[row] >= 0) note_sign(orders[row], negative);
      }
      for (const Offset order : orders) note_file(order);
    }
    ++file_;
  }

  GuessedRules finish() {
    std::vector<std::string> ids;
    for (Offset item = 0; item < items_.size(); ++item) ids.push_back(items_.text(item));
    rules_.not_products = codes_that_are_no_products(ids);
    find_prefix();
    return rules_;
  }

 private:
  void note_sign(Offset order, bool negative) {
    lines_.resize(static_cast<std::size_t>(orders_.size()));
    negative_.resize(lines_.size());
    ++lines_[order];
    negative_[order] += negative;
  }

  void note_file(Offset order) {
    if (order < 0) return;
    first_file_.resize(static_cast<std::size_t>(orders_.size()), -1);
    if (first_file_[order] < 0) first_file_[order] = file_;
    if (first_file_[order] != file_ && repeated_.insert(order).second) ++rules_.orders_in_several_files;
  }

  /// A letter that begins the ids of orders full of negative quantities and of few others.
  void find_prefix() {
    std::array<std::int64_t, 256> cancelled{}, usual{}, lines_of{};
    std::int64_t numbered = 0;
    for (std::size_t order = 0; order < lines_.size(); ++order) {
      const std::string id = orders_.text(static_cast<Offset>(order));
      const auto first = static_cast<unsigned char>(id.front());
      numbered += std::isdigit(first) != 0;
      if (!std::isalpha(first)) continue;
      (negative_[order] * 2 > lines_[order] ? cancelled : usual)[first] += 1;
      lines_of[first] += lines_[order];
    }
    if (numbered * 2 < static_cast<std::int64_t>(lines_.size())) return;  // letters mean nothing here
    for (std::size_t letter = 0; letter < cancelled.size(); ++letter) {
      if (cancelled[letter] < 3 || usual[letter] * 20 > cancelled[letter]) continue;
      rules_.cancelled_order_prefix = std::string(1, static_cast<char>(letter));
      rules_.cancelled_lines = lines_of[letter];
      return;
    }
  }

  GuessedRules rules_;
  IdEncoder items_, orders_;
  OnBadCell ignore_ = [](std::int64_t, const std::string&, const std::string&) {};
  std::vector<std::int64_t> lines_, negative_;  ///< [orders]
  std::vector<int> first_file_;                 ///< [orders]
  std::set<Offset> repeated_;
  int file_ = 0;
};

}  // namespace

std::vector<std::string> codes_that_are_no_products(const std::vector<std::string>& ids) {
  const auto numbered = std::count_if(ids.begin(), ids.end(), has_number);
  if (static_cast<std::size_t>(numbered) * 20 < ids.size() * 19) return {};  // under 95 %: ids may be words
  std::set<std::string> codes;
  for (const std::string& id : ids) {
    const std::string family = family_pattern(id);
    const bool is_number = std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isdigit(c); });
    if (!family.empty()) {
      codes.insert(family);
    } else if (!is_number && !has_number(id) && (id.size() <= 4 || speaks_of_service(id))) {
      codes.insert(id);
    }
  }
  return {codes.begin(), codes.end()};
}

GuessedRules guess_rules(const std::vector<FoundFile>& files, const std::map<std::string, std::string>& columns) {
  LineLook look;
  for (const FoundFile& file : files) look.look(file, columns);
  return look.finish();
}

}  // namespace nextbest
