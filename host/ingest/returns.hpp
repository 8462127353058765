#pragma once

#include <span>

#include "host/ingest/line.hpp"

namespace nextbest {

/// What netting found, in lines with codes of ascending ids.
struct NettingTally {
  Tally returns, unmatched, purchases;  ///< returns; those without a purchase before them; purchases undone wholly
};

/// Nets the returns among the lines of one customer (or of one of nobody's orders): a return takes its quantity from
/// the most recent earlier purchases of the same item and split. Marks return lines and purchases that are returned
/// wholly as dropped. Purchases of the same moment count as earlier; the order of lines in the files decides only
/// between lines that are the same in everything else. Dropped lines are not looked at.
void net_returns(std::span<Line> lines, bool money_is_of_line, NettingTally& tally);

}  // namespace nextbest
