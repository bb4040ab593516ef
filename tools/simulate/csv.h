// Writes tables as comma-separated values for spreadsheets and data frames (RFC 4180).
//
// Lines end with CR LF. A cell with a comma, a quote or a line end is quoted. A text that a
// spreadsheet would run as a formula gets a leading apostrophe. Equal figures give equal bytes.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcs::simulate {

class Csv {
 public:
  // An empty cell: the figure is absent, which is not zero.
  void Empty();
  void Text(std::string_view text);
  void Whole(uint64_t number);
  // Rounded to six digits, like report.json; without an exponent.
  void Number(double number);
  void Number(const std::optional<double>& number);
  // In seconds, exactly.
  void Milliseconds(int64_t ms);
  void EndRow();

  const std::string& text() const { return text_; }

 private:
  void Begin();

  std::string text_;
  bool first_in_row_ = true;
};

}  // namespace dcs::simulate
