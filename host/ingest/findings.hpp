#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/ingest/quality.hpp"
#include "host/ingest/raw_lines.hpp"

namespace nextbest {

/// What one rule found.
struct Found {
  std::string rule, action;
  Tally tally;
};

/// "file:17 order_id=C536379 item_id=D quantity=-1": lines as the user wrote them, under the user's names of the
/// columns, without customer ids. The number is the line of a text file, else the 1-based row. `lines` may have any
/// order. Text files are read again up to the last line that is asked for.
std::vector<std::string> describe_lines(const RawLines& raw, const std::vector<Example>& lines,
                                        const std::map<std::string, std::string>& names);

/// What the rules found, with examples as text; rules that found nothing are left out.
std::vector<RuleFinding> to_findings(const RawLines& raw, const std::vector<Found>& found,
                                     const std::map<std::string, std::string>& names);

/// 1/10,000 as a decimal text: 12500 → "1.25".
std::string amount_text(std::int64_t amount);

}  // namespace nextbest
