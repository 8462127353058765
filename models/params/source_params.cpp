#include "models/params/source_params.hpp"

namespace nextbest {
namespace {

template <class Params>
void visit_source(ParamFields& fields, const char* source, Params& params) {
  fields.open(source);
  params.visit(fields);
  fields.close();
}

}  // namespace

void SourceParams::visit(ParamFields& fields) {
  visit_source(fields, "habit", habit);
  visit_source(fields, "voting", voting);
  visit_source(fields, "together", together);
  visit_source(fields, "after", after);
  visit_source(fields, "item_item", item_item);
  visit_source(fields, "ease", ease);
  visit_source(fields, "popularity", popularity);
  visit_source(fields, "replenish", replenish);
  visit_source(fields, "ridge", ridge);
}

}  // namespace nextbest
