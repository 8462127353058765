#include "models/params/fields.hpp"

#include <cmath>
#include <sstream>

#include "kernels/core/error.hpp"

namespace nextbest {

std::string Range::text() const {
  std::ostringstream out;
  out << "must be ";
  if (zero) {
    out << "0 (" << zero << ") or " << (std::isinf(most) ? "above" : "up to ");
    if (!std::isinf(most)) out << most;
  } else if (std::isinf(most)) {
    if (above) {
      out << "above " << least;
    } else if (least == 0) {
      out << "0 or above";
    } else {
      out << "at least " << least;
    }
  } else if (above) {
    out << "above " << least << " and at most " << most;
  } else {
    out << "from " << least << " to " << most;
  }
  return out.str();
}

void RangeCheck::number(const char* name, double& value, const Range& range, const Search&) {
  if (!range.holds(value)) throw UsageError(path_.back() + "." + name + ": " + range.text());
}

void RangeCheck::whole(const char* name, int& value, const Range& range, const Search&) {
  double as_number = value;
  number(name, as_number, range, {});
}

}  // namespace nextbest
