#include "storage/sql_array.h"

#include "absl/strings/str_cat.h"

namespace broadcast::storage {

void SqlArray::Add(const Value& value) {
  if (values_.size() > 1) values_.push_back(',');
  if (value.null) {
    values_ += "NULL";
  } else if (value.type == ColumnType::kInt) {
    absl::StrAppend(&values_, value.number);
  } else {
    values_.push_back('"');
    for (char c : value.text) {
      if (c == '"' || c == '\\') values_.push_back('\\');
      values_.push_back(c);
    }
    values_.push_back('"');
  }
}

}  // namespace broadcast::storage
