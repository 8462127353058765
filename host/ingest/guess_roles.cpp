#include "host/ingest/guess_roles.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include "kernels/core/nearest.hpp"

namespace nextbest {
namespace {

using Keys = std::vector<std::string>;
using Fits = std::function<bool(const ColumnProfile&)>;

// Spellings, best first, as ColumnProfile::key has them.
const Keys kOrderKeys = {"orderid",       "invoiceno", "invoiceid",     "invoicenumber", "invoice",     "basketid",
                         "ticketid",      "ticketno",  "ticket",        "receiptid",     "receiptno",   "receipt",
                         "transactionid", "transid",   "transactionno", "orderno",       "ordernumber", "billno",
                         "billid",        "bonid",     "bonnr",         "purchaseid",    "documentno",  "basket",
                         "cartid",        "order",     "checkid",       "salesid",       "sessionid",   "tid"};
const Keys kCustomerKeys = {"customerid",     "custid",   "custkey",   "customerkey",  "householdid", "householdkey",
                            "userid",         "memberid", "clientid",  "shopperid",    "buyerid",     "loyaltyid",
                            "cardid",         "cardno",   "accountid", "visitorid",    "personid",    "customerno",
                            "customernumber", "custno",   "kundennr",  "kundennummer", "kundenid",    "customer",
                            "household",      "user",     "member",    "client",       "uid",         "cust"};
const Keys kItemKeys = {"itemid",    "productid",     "sku",       "skuid",      "stockcode",   "articleid",
                        "articleno", "articlenumber", "artikelnr", "productkey", "productcode", "itemcode",
                        "itemno",    "prodid",        "productno", "asin",       "gtin",        "ean",
                        "upc",       "barcode",       "plu",       "goodsid",    "materialid",  "article",
                        "product",   "item",          "iid",       "pid",        "item1"};
const Keys kTimeKeys = {"orderedat",
                        "orderdate",
                        "invoicedate",
                        "transactiontimestamp",
                        "purchasedate",
                        "purchasedat",
                        "ordertime",
                        "orderts",
                        "timestamp",
                        "datetime",
                        "transactiondate",
                        "transactiontime",
                        "salesdate",
                        "saledate",
                        "transdate",
                        "tdat",
                        "createdat",
                        "eventtime",
                        "date",
                        "ts",
                        "time",
                        "day",
                        "dt"};
const Keys kQuantityKeys = {"quantity", "qty",    "units", "quantitysold", "unitssold",
                            "numitems", "pieces", "menge", "quant",        "count"};
const Keys kPriceKeys = {"unitprice", "priceperunit", "itemprice", "saleprice", "sellingprice", "price", "listprice"};
const Keys kValueKeys = {"linevalue", "salesvalue",  "linetotal", "totalprice",  "lineamount", "extendedprice",
                         "netamount", "grossamount", "netvalue",  "salesamount", "revenue",    "turnover",
                         "umsatz",    "sales",       "amount",    "total",       "value",      "spend"};
const Keys kItemNameKeys = {
    "itemname", "productname", "articlename", "productdescription", "itemdescription", "description", "producttitle",
    "title",    "name",        "desc"};
const Keys kReturnedKeys = {"returnedquantity", "quantityreturned", "returnedqty", "qtyreturned", "returnqty"};
const Keys kBrandKeys = {"brand", "brandname", "brandid"};
const Keys kFamilyKeys = {"family", "productfamily", "range", "productrange", "collection", "series", "productline"};
const Keys kSizeKeys = {"size", "packagesize", "packsize", "sizeofproduct", "currsizeofproduct"};
const Keys kCostKeys = {"cost", "unitcost", "costprice", "purchaseprice", "cogs"};
const Keys kStockKeys = {"stock", "stockquantity", "onhand", "inventory", "stockonhand"};
const Keys kLaunchedKeys = {"launchedat", "launchdate", "introducedat", "releasedate", "availablefrom"};
const Keys kDiscontinuedKeys = {"discontinuedat", "discontinueddate", "enddate", "availableuntil"};

bool is_timestamp(const ColumnProfile& column) {
  return column.type.starts_with("timestamp") || column.type.starts_with("date");
}
bool any(const ColumnProfile&) {
  return true;
}
bool is_number(const ColumnProfile& column) {
  return column.numbers > 0.99;
}
bool is_moment(const ColumnProfile& column) {
  const bool epoch =
      column.integers > 0.99 && column.examples.front().size() >= 8 && column.examples.front().size() <= 16;
  return is_timestamp(column) || column.times > 0.99 || epoch;
}
bool is_id(const ColumnProfile& column) {
  const bool fraction = column.numbers > 0.99 && column.integers < 0.99;
  return !is_timestamp(column) && column.times < 0.5 && !fraction && column.negative == 0;
}

/// The column with the best spelling that also fits; nullptr when none does.
const ColumnProfile* find_by_name(const TableProfile& table, const Keys& keys, const Fits& fits,
                                  const std::set<std::string>& taken) {
  for (const std::string& key : keys) {
    for (const ColumnProfile& column : table.columns) {
      if (column.key == key && column.cells > 0 && !taken.contains(column.name) && fits(column)) return &column;
    }
  }
  return nullptr;
}

class RoleMap {
 public:
  RoleMap(const TableProfile& table, std::map<std::string, std::string>& columns) : table_(table), columns_(columns) {}
  bool give(const std::string& ours, const Keys& keys, const Fits& fits) {
    return give(ours, find_by_name(table_, keys, fits, taken_));
  }
  bool give(const std::string& ours, const ColumnProfile* column) {
    if (column == nullptr) return false;
    columns_[ours] = column->name;
    taken_.insert(column->name);
    return true;
  }
  bool is_taken(const std::string& name) const { return taken_.contains(name); }

 private:
  const TableProfile& table_;
  std::map<std::string, std::string>& columns_;
  std::set<std::string> taken_;
};

/// The only column left that could be an id; nullptr when there are several.
const ColumnProfile* only_id_left(const TableProfile& table, const RoleMap& roles) {
  const ColumnProfile* found = nullptr;
  for (const ColumnProfile& column : table.columns) {
    if (roles.is_taken(column.name) || !is_id(column) || column.cells == 0 || column.distinct < 2) continue;
    if (found != nullptr) return nullptr;
    found = &column;
  }
  return found;
}

/// Names that say where an item stands in a hierarchy.
bool is_category_key(const std::string& key) {
  static const Keys kParts = {"category", "department", "aisle", "subgroup", "section", "commodity", "subclass"};
  static const Keys kWhole = {"dept", "deptid", "group", "class", "type", "producttype", "itemtype",   "productgroup",
                              "cat",  "subcat", "kind",  "cat1",  "cat2", "cat3",        "warengruppe"};
  for (const std::string& part : kParts) {
    if (key.find(part) != std::string::npos) return true;
  }
  const bool level = key.starts_with("level") && key.size() > 5 && std::isdigit(static_cast<unsigned char>(key[5]));
  return level || std::find(kWhole.begin(), kWhole.end(), key) != kWhole.end();
}

}  // namespace

GuessedOrders guess_orders(const TableProfile& table) {
  GuessedOrders guess;
  if (table.rows == 0) return guess;
  RoleMap roles(table, guess.columns);
  const bool order = roles.give("order_id", kOrderKeys, is_id);
  const bool customer = roles.give("customer_id", kCustomerKeys, is_id);
  const bool item = roles.give("item_id", kItemKeys, is_id);
  if (!item && (order || customer)) roles.give("item_id", only_id_left(table, roles));
  if (!guess.columns.contains("item_id") || (!order && !customer)) return guess;
  const bool time = roles.give("ordered_at", kTimeKeys, is_moment);
  if (!time) {
    const auto typed = std::find_if(table.columns.begin(), table.columns.end(), is_timestamp);
    if (typed != table.columns.end()) roles.give("ordered_at", &*typed);
  }
  if (!guess.columns.contains("ordered_at")) {
    const ColumnProfile* unread = find_by_name(table, kTimeKeys, any, {});
    if (unread != nullptr) {
      guess.notes.push_back("\"" + unread->name + "\" looks like a time, but its values (such as " +
                            unread->examples.front() +
                            ") are not ISO 8601; write them as 2026-01-31 17:05:00 to use it");
    }
  }
  const bool quantity = roles.give("quantity", kQuantityKeys, is_number);
  const bool money = roles.give("unit_price", kPriceKeys, is_number) || roles.give("line_value", kValueKeys, is_number);
  roles.give("returned_quantity", kReturnedKeys, is_number);
  roles.give("item_name", kItemNameKeys, [](const ColumnProfile& column) { return column.numbers < 0.5; });
  roles.give("split", {"split", "set", "part", "subset"},
             [](const ColumnProfile& column) { return column.splits > 0.99; });
  guess.score = 1 + (item ? 2 : 0) + (order ? 2 : 0) + (customer ? 1 : 0) +
                (guess.columns.contains("ordered_at") ? 1 : 0) + (quantity ? 1 : 0) + (money ? 1 : 0);
  return guess;
}

GuessedItems guess_items(const TableProfile& table, const std::string& item_column) {
  GuessedItems guess;
  RoleMap roles(table, guess.columns);
  const auto same =
      std::find_if(table.columns.begin(), table.columns.end(), [&](const auto& c) { return c.name == item_column; });
  const ColumnProfile* id = same != table.columns.end() ? &*same : find_by_name(table, kItemKeys, is_id, {});
  if (id == nullptr || id->distinct != table.rows || table.rows == 0) return guess;  // a catalogue has a row per item
  roles.give("item_id", id);
  const auto is_text = [](const ColumnProfile& column) { return column.numbers < 0.5; };
  roles.give("name", kItemNameKeys, is_text);
  roles.give("brand", kBrandKeys, any);
  roles.give("family", kFamilyKeys, any);
  roles.give("size", kSizeKeys, any);
  roles.give("price", kPriceKeys, is_number);
  roles.give("cost", kCostKeys, is_number);
  roles.give("stock", kStockKeys, is_number);
  roles.give("launched_at", kLaunchedKeys, is_moment);
  roles.give("discontinued_at", kDiscontinuedKeys, is_moment);
  std::vector<const ColumnProfile*> levels;
  for (const ColumnProfile& column : table.columns) {
    if (!roles.is_taken(column.name) && is_category_key(column.key) && column.distinct > 0) levels.push_back(&column);
  }
  std::stable_sort(levels.begin(), levels.end(),
                   [](const auto* a, const auto* b) { return a->distinct < b->distinct; });
  for (const ColumnProfile* level : levels) guess.category.push_back(level->name);
  if (!guess.columns.contains("name") && !levels.empty())
    guess.columns["name"] = levels.back()->name;  // the finest level
  guess.score =
      static_cast<double>(guess.columns.size() + guess.category.size()) + (same != table.columns.end() ? 3 : 0);
  return guess;
}

}  // namespace nextbest
